//! Services that others run themselves instead of waking them.
//!
//! To wake an idle service, and to poll its task, costs half of what one event or request does: its waker, the task
//! set's queue, the task's state; and for a request the same again on its way back. On the node's own thread there is a
//! shorter way: whoever would have woken a supervisor polls it, with the waker of its own task.
//!
//! - The registry does so with events, at the end of its own poll: with one that has come alone, [`Subscriber`] after
//!   [`Subscriber`]; with several, after they are queued: [`Roused`].
//! - The sender of a request does so in the poll that sends it: [`direct`].
//!
//! What this leaves as it was:
//!
//! - No handler runs inside of `emit`, nor inside of a synchronous handler that does not itself poll.
//! - Lanes decide what comes next, whoever polls.
//! - Handlers may spawn local tasks. So only a service whose task is on the node's own task set has a seat; those on
//!   arbiters and threads of their own are woken.
//! - A supervisor belongs to its task and is dropped with it. When it ends, or panics, while it is run from here, its
//!   task is woken and says so to the runtime.

mod annex;
mod direct;
mod roused;
mod subscriber;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context as TaskContext, Poll};

use actix::{Actor, Context, Supervised};
use slab::Slab;

pub(crate) use annex::Annex;
pub(super) use direct::{may_run, run};
pub(crate) use roused::Roused;
pub(crate) use subscriber::Subscriber;

use super::driver::Slot;
use super::inbox::{Handed, Inbox};
use super::run::Supervisor;
use crate::event::SharedEvent;

thread_local! {
    /// With each its number: places are taken again.
    static SEATS: RefCell<Slab<(u64, Weak<dyn Sits>)>> = const { RefCell::new(Slab::new()) };
    /// This thread's number; zero while it has no seats.
    static HERE: Cell<u64> = const { Cell::new(0) };
}

/// How many events one poll of the registry brings to their handlers.
pub(crate) const BUDGET: usize = 64;

/// A service's place in its thread's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    thread: u64,
    index: usize,
    /// Its own in the process.
    number: u64,
}

impl Seat {
    fn take(sitter: Weak<dyn Sits>) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        if HERE.get() == 0 {
            HERE.set(number);
        }
        let index = SEATS.with_borrow_mut(|seats| seats.insert((number, sitter)));
        Self { thread: HERE.get(), index, number }
    }

    /// Whether it is in this thread's table.
    #[inline]
    fn is_here(self) -> bool {
        HERE.get() == self.thread
    }

    /// Who sits there, unless it has gone. The table is free again while it runs.
    pub(super) fn sitter(self) -> Option<Rc<dyn Sits>> {
        let sitter = |seats: &RefCell<Slab<(u64, Weak<dyn Sits>)>>| {
            let seats = seats.borrow();
            let (_, sitter) = seats.get(self.index).filter(|(number, _)| *number == self.number)?;
            sitter.upgrade()
        };
        SEATS.try_with(sitter).ok().flatten()
    }
}

pub(super) trait Sits {
    /// Takes an event, and handles it now if it can; gives it back as an error if there is something else to do first.
    /// Once it has been handled, it is given back for others.
    fn handle(
        &self,
        lane: u32,
        subscription: u32,
        event: SharedEvent,
    ) -> Result<Option<SharedEvent>, SharedEvent>;
    /// Runs it, for the registry.
    fn run(&self);
    /// Runs it for whoever sends it a request; false if it is being polled already, or not from there.
    fn run_directly(&self) -> bool;
    fn wake(&self);
}

/// How a supervisor ended: it is done, or it panicked.
type End = Result<(), Box<dyn Any + Send>>;

struct Sitter<A: Actor<Context = Context<A>> + Supervised> {
    /// Lent to whoever polls it: never to two.
    sitting: RefCell<Sitting<A>>,
    inbox: Arc<Inbox>,
    slot: Rc<Slot<A>>,
    annex: Rc<Annex>,
}

struct Sitting<A: Actor<Context = Context<A>> + Supervised> {
    supervisor: Supervisor<A>,
    /// It ended outside of its task's poll.
    ended: Option<End>,
}

impl<A: Actor<Context = Context<A>> + Supervised> Sitting<A> {
    fn run(&mut self) {
        if self.ended.is_some() {
            return;
        }
        let polled = catch_unwind(AssertUnwindSafe(|| self.supervisor.poll_as_woken()));
        if !matches!(polled, Ok(Poll::Pending)) {
            self.ended = Some(polled.map(|_| ()));
            self.supervisor.wake();
        }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Sits for Sitter<A> {
    fn handle(
        &self,
        lane: u32,
        subscription: u32,
        event: SharedEvent,
    ) -> Result<Option<SharedEvent>, SharedEvent> {
        if !self.inbox.is_resting() {
            return Err(event);
        }
        // Nobody polls it just now: the registry is not polled inside of a service.
        let Ok(mut sitting) = self.sitting.try_borrow_mut() else { return Err(event) };
        self.inbox.begin_directly(subscription);
        self.slot.hand(Handed { lane, subscription, event });
        sitting.run();
        match self.slot.take_handed() {
            None => Ok(self.slot.take_spent()),
            // The driver has not been reached, since the actor pauses or has ended; or the lane is occupied.
            Some(handed) => {
                self.inbox.queue_handed(handed);
                Ok(None)
            }
        }
    }

    fn run(&self) {
        // As above.
        if let Ok(mut sitting) = self.sitting.try_borrow_mut() {
            sitting.run();
        }
    }

    fn run_directly(&self) -> bool {
        let Ok(mut sitting) = self.sitting.try_borrow_mut() else { return false };
        let scope = Rc::clone(sitting.supervisor.scope());
        // What is in hand is being read: the sender is a payload's own code.
        if scope.is_read() {
            return false;
        }
        let Some(_spawning_there) = self.annex.enter() else { return false };
        direct::with_the_sender_aside(&scope, || sitting.run());
        true
    }

    fn wake(&self) {
        if let Ok(sitting) = self.sitting.try_borrow() {
            sitting.supervisor.wake();
        }
    }
}

/// The task of a service that has a seat.
pub(crate) struct Seated<A: Actor<Context = Context<A>> + Supervised> {
    sitter: Rc<Sitter<A>>,
    seat: Seat,
}

impl<A: Actor<Context = Context<A>> + Supervised> Seated<A> {
    /// To be spawned on the task set where it is made, which is the registry's and the annex's.
    pub(crate) fn new(supervisor: Supervisor<A>, annex: &Rc<Annex>) -> Self {
        let inbox = supervisor.inbox();
        let slot = supervisor.slot();
        let sitting = RefCell::new(Sitting { supervisor, ended: None });
        let sitter = Rc::new(Sitter { sitting, inbox: Arc::clone(&inbox), slot, annex: Rc::clone(annex) });
        let weak: Weak<dyn Sits> = Rc::downgrade(&(Rc::clone(&sitter) as Rc<dyn Sits>));
        let seat = Seat::take(weak);
        inbox.take_seat(seat);
        Self { sitter, seat }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Future for Seated<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Sitting { supervisor, ended } = &mut *self.sitter.sitting.borrow_mut();
        match ended.take() {
            Some(Ok(())) => Poll::Ready(()),
            Some(Err(panic)) => resume_unwind(panic),
            None => Pin::new(supervisor).poll(cx),
        }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Drop for Seated<A> {
    fn drop(&mut self) {
        let _ = SEATS.try_with(|seats| seats.borrow_mut().try_remove(self.seat.index));
    }
}
