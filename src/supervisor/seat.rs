//! Services that the registry runs itself instead of waking them.
//!
//! To wake an idle service for one event, and to poll its task, costs half of what the event does: its waker, the task
//! set's queue, the task's state. On the node's own thread there is a shorter way. The registry takes note of whom it
//! would have woken, and at the end of its poll it polls those supervisors itself, with the wakers of their own tasks.
//!
//! What this leaves as it was:
//!
//! - No handler runs inside of `emit`, nor inside of another handler. Only the registry's poll runs services from
//!   here, after its mailbox is empty or its turn is over, and only the registry's own task polls the registry. What a
//!   handler emits meanwhile waits in that mailbox until everything else that is ready has had its turn.
//! - Handlers may spawn local tasks. So only a service whose task is on the node's own task set, which is the
//!   registry's, has a seat; those on arbiters and threads of their own are woken.
//! - Nothing is in hand and no span is entered while the registry is polled, so there is nothing to put aside.
//! - Lanes decide what comes next, whoever polls. One poll of the registry begins about [`BUDGET`] handlers, as one of a
//!   service does, and wakes the services that are left, so that the thread's other tasks get their turns as before.
//! - A supervisor belongs to its task and is dropped with it. When it ends, or panics, while it is run from here, its
//!   task is woken and says so to the runtime.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context as TaskContext, Poll};

use actix::{Actor, Context, Supervised};
use slab::Slab;

use super::run::Supervisor;

/// How many events one poll of the registry brings to their handlers.
const BUDGET: usize = 64;

thread_local! {
    static SEATS: RefCell<Slab<Weak<dyn Sits>>> = const { RefCell::new(Slab::new()) };
}

/// A service's place in this thread's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat(usize);

/// Services that are to be run, or to be woken if nobody runs them.
#[derive(Debug, Default)]
pub(crate) struct Roused {
    seats: Vec<Seat>,
    /// How many events each of them may have got meanwhile.
    events: usize,
}

impl Roused {
    /// One more event is about to be delivered.
    #[inline]
    pub(crate) fn begin_event(&mut self) {
        self.events += 1;
    }

    /// Whether it takes one more. What it could not run anyway is woken more cheaply where the event is queued.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.seats.len() * self.events < BUDGET
    }

    #[inline]
    pub(super) fn push(&mut self, seat: Seat) {
        self.seats.push(seat);
    }

    /// Runs as many of them as the budget is good for, and wakes the others.
    pub(crate) fn run(&mut self) {
        let affordable = (BUDGET / std::mem::take(&mut self.events).max(1)).max(1);
        for (index, seat) in self.seats.drain(..).enumerate() {
            let Some(sitter) = sitter(seat) else { continue };
            if index < affordable {
                sitter.run();
            } else {
                sitter.wake();
            }
        }
    }
}

impl Drop for Roused {
    fn drop(&mut self) {
        self.seats.iter().copied().filter_map(sitter).for_each(|sitter| sitter.wake());
    }
}

/// Who sits there, unless it has gone. The table is free again while it runs.
fn sitter(seat: Seat) -> Option<Rc<dyn Sits>> {
    SEATS.try_with(|seats| seats.borrow().get(seat.0).and_then(Weak::upgrade)).ok().flatten()
}

trait Sits {
    fn run(&self);
    fn wake(&self);
}

/// How a supervisor ended: it is done, or it panicked.
type End = Result<(), Box<dyn Any + Send>>;

/// Lent to whoever polls it: never to two.
struct Sitter<A: Actor<Context = Context<A>> + Supervised>(RefCell<Sitting<A>>);

struct Sitting<A: Actor<Context = Context<A>> + Supervised> {
    supervisor: Supervisor<A>,
    /// It ended outside of its task's poll.
    ended: Option<End>,
}

impl<A: Actor<Context = Context<A>> + Supervised> Sits for Sitter<A> {
    fn run(&self) {
        // Nobody polls it just now, since nobody is polled here but the registry.
        let Ok(mut sitting) = self.0.try_borrow_mut() else { return };
        if sitting.ended.is_some() {
            return;
        }
        let polled = catch_unwind(AssertUnwindSafe(|| sitting.supervisor.poll_as_woken()));
        if !matches!(polled, Ok(Poll::Pending)) {
            sitting.ended = Some(polled.map(|_| ()));
            sitting.supervisor.wake();
        }
    }

    fn wake(&self) {
        if let Ok(sitting) = self.0.try_borrow() {
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
    /// To be spawned on the task set where it is made, which is the registry's.
    pub(crate) fn new(supervisor: Supervisor<A>) -> Self {
        let inbox = supervisor.inbox();
        let sitter = Rc::new(Sitter(RefCell::new(Sitting { supervisor, ended: None })));
        let weak: Weak<dyn Sits> = Rc::downgrade(&(Rc::clone(&sitter) as Rc<dyn Sits>));
        let seat = Seat(SEATS.with_borrow_mut(|seats| seats.insert(weak)));
        inbox.take_seat(seat);
        Self { sitter, seat }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Future for Seated<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Sitting { supervisor, ended } = &mut *self.sitter.0.borrow_mut();
        match ended.take() {
            Some(Ok(())) => Poll::Ready(()),
            Some(Err(panic)) => resume_unwind(panic),
            None => Pin::new(supervisor).poll(cx),
        }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Drop for Seated<A> {
    fn drop(&mut self) {
        let _ = SEATS.try_with(|seats| seats.borrow_mut().try_remove(self.seat.0));
    }
}
