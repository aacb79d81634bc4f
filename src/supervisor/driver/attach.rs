//! How the driver hangs in the actor's context, and how the actor is held and replaced there.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll};

use actix::fut::ActorFuture;
use actix::{Actor, AsyncContext, Context};

use super::Driver;
use crate::event::SharedEvent;
use crate::supervisor::inbox::Handed;

/// The place beside the actor where its driver lives.
pub(in crate::supervisor) struct Slot<A: Actor<Context = Context<A>>> {
    /// Empty only while the driver is at work.
    driver: Cell<Option<Box<Driver<A>>>>,
    /// Whether a future in the actor's context polls the driver.
    attached: Cell<bool>,
    /// The supervisor has something to look at: a failure, or a response that pauses the actor.
    attention: Cell<bool>,
    /// The instance to take the failed one's place.
    replacement: Cell<Option<A>>,
    /// What the driver is to begin first.
    handed: Cell<Option<Handed>>,
    /// What was handed to it and has been handled, for who handed it.
    spent: Cell<Option<SharedEvent>>,
}

impl<A: Actor<Context = Context<A>>> Slot<A> {
    pub(in crate::supervisor) fn new(driver: Driver<A>) -> Rc<Self> {
        Rc::new(Self {
            driver: Cell::new(Some(Box::new(driver))),
            attached: Cell::new(false),
            attention: Cell::new(false),
            replacement: Cell::new(None),
            handed: Cell::new(None),
            spent: Cell::new(None),
        })
    }

    /// Leaves an event for the driver's next poll.
    #[inline]
    pub(in crate::supervisor) fn hand(&self, handed: Handed) {
        self.handed.set(Some(handed));
    }

    /// Takes it, if it is still there.
    #[inline]
    pub(in crate::supervisor) fn take_handed(&self) -> Option<Handed> {
        self.handed.take()
    }

    /// Gives back what was handed.
    #[inline]
    pub(super) fn give_back(&self, event: SharedEvent) {
        self.spent.set(Some(event));
    }

    /// Takes what was given back.
    #[inline]
    pub(in crate::supervisor) fn take_spent(&self) -> Option<SharedEvent> {
        self.spent.take()
    }

    /// Lends the driver. It is back afterwards, also after a panic.
    #[inline]
    pub(in crate::supervisor) fn with<R>(&self, run: impl FnOnce(&mut Driver<A>) -> R) -> Option<R> {
        struct Return<'a, A: Actor<Context = Context<A>>>(
            &'a Cell<Option<Box<Driver<A>>>>,
            Option<Box<Driver<A>>>,
        );
        impl<A: Actor<Context = Context<A>>> Drop for Return<'_, A> {
            fn drop(&mut self) {
                self.0.set(self.1.take());
            }
        }
        let mut lent = Return(&self.driver, self.driver.take());
        lent.1.as_deref_mut().map(run)
    }

    /// Spawns the future that polls the driver, if there is none: a restart drops it, and so does a
    /// `SpawnHandle` from before a restart, since actix counts them anew.
    #[inline]
    pub(in crate::supervisor) fn attach(self: &Rc<Self>, ctx: &mut Context<A>) {
        if !self.attached.get() {
            self.spawn(ctx);
        }
    }

    #[cold]
    fn spawn(self: &Rc<Self>, ctx: &mut Context<A>) {
        self.attached.set(true);
        ctx.spawn(Attached(Rc::clone(self)));
    }

    /// Whether the driver wants the supervisor to look.
    pub(in crate::supervisor) fn wants_attention(&self) -> bool {
        self.attention.get()
    }

    pub(in crate::supervisor) fn is_attached(&self) -> bool {
        self.attached.get()
    }

    /// Holds the actor until its restart: nothing reaches it meanwhile.
    pub(in crate::supervisor) fn hold(self: &Rc<Self>, ctx: &mut Context<A>) {
        ctx.wait(Hold(Rc::clone(self)));
    }

    pub(in crate::supervisor) fn replace_with(&self, instance: A) {
        self.replacement.set(Some(instance));
    }

    /// Whether the replacement is still waiting.
    pub(in crate::supervisor) fn has_replacement(&self) -> bool {
        let replacement = self.replacement.take();
        let waits = replacement.is_some();
        self.replacement.set(replacement);
        waits
    }

    /// The replacement, if it is still waiting.
    pub(in crate::supervisor) fn take_replacement(&self) -> Option<A> {
        self.replacement.take()
    }
}

/// Polls the driver in the actor's context.
struct Attached<A: Actor<Context = Context<A>>>(Rc<Slot<A>>);

impl<A: Actor<Context = Context<A>>> ActorFuture<A> for Attached<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, actor: &mut A, ctx: &mut Context<A>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let slot = &self.0;
        let _ = slot.with(|driver| {
            if slot.wants_attention() {
                // Whatever pauses the actor is over, or it would not be polled.
                driver.scope.leave();
            }
            driver.poll(actor, ctx, cx, slot);
            slot.attention.set(driver.restart.is_some() || driver.exclusive.is_some());
            driver.calls_nothing();
            if slot.wants_attention() {
                // actix polls it next, in this poll of the actor.
                driver.enter_exclusive();
            }
        });
        Poll::Pending
    }
}

impl<A: Actor<Context = Context<A>>> Drop for Attached<A> {
    fn drop(&mut self) {
        self.0.attached.set(false);
    }
}

/// Never done: a restart clears it away. It gives the actor its replacement when there is one, since actix gives
/// the instance to nobody but futures in its context.
struct Hold<A: Actor<Context = Context<A>>>(Rc<Slot<A>>);

impl<A: Actor<Context = Context<A>>> ActorFuture<A> for Hold<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, actor: &mut A, _: &mut Context<A>, _: &mut TaskContext<'_>) -> Poll<()> {
        if let Some(replacement) = self.0.replacement.take() {
            drop(std::mem::replace(actor, replacement));
        }
        Poll::Pending
    }
}
