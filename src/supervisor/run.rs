//! The future that runs a supervised actor, and what it is made from.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};

use actix::dev::ContextParts;
use actix::dev::channel::{AddressReceiver, channel};
use actix::{Actor, Addr, Context, Supervised};

use super::actor::{Run, Source};
use super::driver::{Driver, Plan, Slot};
use super::inbox::Inbox;
use super::lend::Lender;
use super::lifecycle::Lifecycle;
use crate::handled::Handled;
use crate::panics::{Panic, guard};
use crate::scope::{self, NodeContext, Scope, Surroundings};

/// A service ready to be run; it may be sent to the thread that is to run it, as long as its source may.
pub(crate) struct Job<A: Actor<Context = Context<A>>> {
    mailbox: AddressReceiver<A>,
    plan: Plan<A>,
    inbox: Arc<Inbox>,
    lifecycle: Lifecycle,
    surroundings: Box<Surroundings>,
}

impl<A: Actor<Context = Context<A>> + Supervised> Job<A> {
    /// Prepares a service: its address is valid, and its inbox takes items, from now on.
    pub(crate) fn new(
        plan: Plan<A>,
        inbox: Arc<Inbox>,
        lifecycle: Lifecycle,
        node: NodeContext,
        handled: Handled,
    ) -> (Addr<A>, Self) {
        let lender = Arc::new(Lender { inbox: Arc::clone(&inbox), handled });
        let surroundings = Box::new(Surroundings { node, lender, entered: None });
        // Capacity 0: actix breaks the order of a mailbox that is over its capacity, and bounds nothing by it.
        let (sender, mailbox) = channel(0);
        (Addr::new(sender), Self { mailbox, plan, inbox, lifecycle, surroundings })
    }

    /// The supervised run, to be spawned on the thread where it is made.
    ///
    /// # Errors
    ///
    /// If the factory panics: there is no service then.
    pub(crate) fn run(self, mut source: Source<A>) -> Result<Supervisor<A>, Box<Panic>> {
        let mut surroundings = Some(self.surroundings);
        let scope = scope::current();
        self.inbox.beat();
        let made = scope.surrounded(&mut surroundings, || {
            guard(|| match &mut source {
                Source::Value(value) => value.take(),
                Source::Factory(factory) => Some(factory()),
            })
        });
        self.inbox.beat();
        let Some(actor) = made? else {
            return Err(Box::new(Panic {
                message: "the service's value was taken before".to_owned(),
                location: None,
            }));
        };
        let Plan { events, requests, lanes, restart } = self.plan;
        let policy = restart.clone();
        let driver = Driver::new(Arc::clone(&self.inbox), Plan { events, requests, lanes, restart });
        // A second set of parts, for `Supervisor::replace`.
        let spare = matches!(source, Source::Factory(_))
            .then(|| Box::new(ContextParts::new(self.mailbox.sender_producer())));
        let actor = Context::with_receiver(self.mailbox).into_future(actor);
        let inbox = Arc::clone(&self.inbox);
        let run = Run::new(actor, source, spare, Slot::new(driver), self.inbox, policy, self.lifecycle);
        Ok(Supervisor { run, inbox, scope, surroundings, waker: None })
    }
}

/// Runs an actor until it ends.
pub(crate) struct Supervisor<A: Actor<Context = Context<A>> + Supervised> {
    run: Run<A>,
    inbox: Arc<Inbox>,
    /// This thread's.
    scope: Rc<Scope>,
    /// In [`scope`] while the actor is polled, so that lending it costs no reference count.
    surroundings: Option<Box<Surroundings>>,
    /// What the inbox has been told to wake.
    waker: Option<Waker>,
}

impl<A: Actor<Context = Context<A>> + Supervised> Supervisor<A> {
    pub(super) fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.inbox)
    }

    pub(super) fn scope(&self) -> &Rc<Scope> {
        &self.scope
    }

    /// Polls it as its own task would, had that been woken.
    #[inline]
    pub(super) fn poll_as_woken(&mut self) -> Poll<()> {
        let Self { run, inbox, scope, surroundings, waker } = self;
        // Without a waker it has not been polled yet, and its task will be.
        let Some(waker) = waker else { return Poll::Pending };
        step(run, inbox, scope, surroundings, &mut TaskContext::from_waker(waker))
    }

    /// Where an event is left for the next poll.
    pub(super) fn slot(&self) -> Rc<Slot<A>> {
        Rc::clone(self.run.slot())
    }

    /// Wakes its task.
    pub(super) fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Future for Supervisor<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Self { run, inbox, scope, surroundings, waker } = self.get_mut();
        if !waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
            inbox.set_waker(cx.waker());
        }
        step(run, inbox, scope, surroundings, cx)
    }
}

#[inline(always)]
fn step<A: Actor<Context = Context<A>> + Supervised>(
    run: &mut Run<A>,
    inbox: &Inbox,
    scope: &Scope,
    surroundings: &mut Option<Box<Surroundings>>,
    cx: &mut TaskContext<'_>,
) -> Poll<()> {
    inbox.beat();
    let polled = scope.surrounded(surroundings, || run.step(cx));
    inbox.beat();
    polled
}
