//! The supervised run of one actor.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context as TaskContext, Poll, Waker};

use actix::dev::channel::{AddressReceiver, channel};
use actix::dev::{AsyncContextParts, ContextFut, ContextParts};
use actix::{Actor, ActorContext, ActorState, Addr, Context, Supervised};
use tokio::time::Sleep;

use super::driver::{Driver, Plan, RestartRequest, Slot};
use super::inbox::Inbox;
use super::lifecycle::{Change, Lifecycle};
use super::restart::{RestartPolicy, Restarts};
use crate::dead_letter::Reason;
use crate::panics::{Panic, guard};
use crate::scope::{self, NodeContext};

/// Where the actor's instances come from.
pub(crate) enum Source<A> {
    /// This one instance; after a failure the same one.
    Value(Option<A>),
    /// A fresh instance at the start and after each failure.
    Factory(Box<dyn Fn() -> A>),
}

/// A service ready to be run; it may be sent to the thread that is to run it, as long as its source may.
pub(crate) struct Job<A: Actor<Context = Context<A>>> {
    mailbox: AddressReceiver<A>,
    plan: Plan<A>,
    inbox: Arc<Inbox>,
    lifecycle: Lifecycle,
    node: NodeContext,
}

impl<A: Actor<Context = Context<A>> + Supervised> Job<A> {
    /// Prepares a service: its address is valid, and its inbox takes items, from now on.
    pub(crate) fn new(
        plan: Plan<A>,
        inbox: Arc<Inbox>,
        lifecycle: Lifecycle,
        node: NodeContext,
    ) -> (Addr<A>, Self) {
        // Capacity 0: actix breaks the order of a mailbox that is over its capacity, and bounds nothing by it.
        let (sender, mailbox) = channel(0);
        (Addr::new(sender), Self { mailbox, plan, inbox, lifecycle, node })
    }

    /// The supervised run, to be spawned on the thread where it is made.
    ///
    /// # Errors
    ///
    /// If the factory panics: there is no service then.
    pub(crate) fn run(self, mut source: Source<A>) -> Result<Supervisor<A>, Panic> {
        let mut node = Some(self.node);
        let made = scope::with_node(&mut node, || {
            guard(|| match &mut source {
                Source::Value(value) => value.take(),
                Source::Factory(factory) => Some(factory()),
            })
        });
        let Some(actor) = made? else {
            return Err(Panic { message: "the service's value was taken before".to_owned(), location: None });
        };
        let Plan { events, requests, lanes, restart } = self.plan;
        let policy = restart.clone();
        let driver = Driver::new(Arc::clone(&self.inbox), Plan { events, requests, lanes, restart });
        // A second set of parts, for `Supervisor::replace`.
        let spare = matches!(source, Source::Factory(_))
            .then(|| Box::new(ContextParts::new(self.mailbox.sender_producer())));
        let actor = Context::with_receiver(self.mailbox).into_future(actor);
        Ok(Supervisor {
            actor,
            source,
            spare,
            spare_started: false,
            slot: Slot::new(driver),
            inbox: self.inbox,
            policy,
            restarts: Restarts::default(),
            phase: Phase::Starting,
            lifecycle: self.lifecycle,
            node,
            waker: None,
        })
    }
}

/// Runs an actor: polls actix's own context future inside a guard, and restarts it.
pub(crate) struct Supervisor<A: Actor<Context = Context<A>> + Supervised> {
    actor: ContextFut<A, Context<A>>,
    source: Source<A>,
    /// What is swapped with the context's own parts while an instance is replaced.
    spare: Option<Box<ContextParts<A>>>,
    /// Whether `spare` belongs to a context that has called `started`.
    spare_started: bool,
    slot: Rc<Slot<A>>,
    inbox: Arc<Inbox>,
    policy: RestartPolicy,
    restarts: Restarts,
    phase: Phase,
    lifecycle: Lifecycle,
    /// In [`scope`] while the actor is polled, so that lending it costs no reference count.
    node: Option<NodeContext>,
    /// What the inbox has been told to wake.
    waker: Option<Waker>,
}

enum Phase {
    Starting,
    Running,
    /// Waits out a backoff before a restart.
    Waiting {
        sleep: Pin<Box<Sleep>>,
        restart: Restart,
    },
    /// `ctx.stop()` has been called for the node.
    Stopping,
    Ended,
}

/// A restart to be made.
#[derive(Clone)]
struct Restart {
    reason: String,
    /// The driver holds the actor; otherwise the failure came out of the actor's context.
    held: bool,
}

impl<A: Actor<Context = Context<A>> + Supervised> Future for Supervisor<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = self.get_mut();
        if !this.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            this.waker = Some(cx.waker().clone());
            this.inbox.set_waker(cx.waker());
        }
        // Only this task writes it.
        let beat = this.inbox.beat.load(Ordering::Relaxed);
        this.inbox.beat.store(beat + 1, Ordering::Relaxed);
        let mut node = this.node.take();
        let polled = scope::with_node(&mut node, || this.step(cx));
        this.node = node;
        this.inbox.beat.store(beat + 2, Ordering::Relaxed);
        polled
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Supervisor<A> {
    fn step(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        loop {
            if self.inbox.is_stopping() && !matches!(self.phase, Phase::Stopping | Phase::Ended) {
                self.phase = Phase::Stopping;
                self.actor.ctx().stop();
            }
            match &mut self.phase {
                Phase::Waiting { sleep, restart } => {
                    if sleep.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    let restart = restart.clone();
                    self.phase = Phase::Running;
                    self.restart(restart, cx);
                    continue;
                }
                Phase::Ended => return Poll::Ready(()),
                Phase::Starting | Phase::Running | Phase::Stopping => {}
            }
            self.slot.attach(self.actor.ctx());
            let polled = guard(|| Pin::new(&mut self.actor).poll(cx));
            if matches!(self.phase, Phase::Stopping) {
                self.end(Reason::Shutdown);
                return Poll::Ready(());
            }
            if matches!(self.phase, Phase::Starting) && polled.is_ok() {
                self.phase = Phase::Running;
                (self.lifecycle)(&self.inbox.service, Change::Started);
            }
            let request = self.slot.with(|driver| {
                let succeeded = std::mem::take(&mut driver.succeeded);
                (succeeded, driver.restart.take())
            });
            let (succeeded, mut request) = request.unwrap_or_default();
            if succeeded {
                self.restarts.succeeded();
            }
            let mut held = request.is_some();
            match polled {
                Err(panic) => {
                    held = false;
                    request = Some(self.blame(panic));
                }
                Ok(Poll::Ready(())) => {
                    held = false;
                    let message = "the actor stopped itself".to_owned();
                    request = Some(RestartRequest { reason: Reason::Panic, message, lane: None });
                }
                Ok(Poll::Pending) if request.is_none() => {
                    let overdue = self.slot.with(Driver::fail_exclusive_if_overdue);
                    if overdue == Some(true) {
                        request = self.slot.with(|driver| driver.restart.take()).flatten();
                        // Its future is in actix's hands: only a restart takes it away.
                        request.get_or_insert_with(|| RestartRequest {
                            reason: Reason::Timeout,
                            message: "a response that paused the actor outlived its timeout".to_owned(),
                            lane: None,
                        });
                    }
                }
                Ok(Poll::Pending) => {}
            }
            match request {
                Some(request) => {
                    self.plan_restart(&request, held, cx);
                    if matches!(self.phase, Phase::Running) {
                        // A stream of failures must not keep the actor's neighbours from their turns.
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
                // Something has cancelled the driver's future: the next round spawns it again.
                None if !self.slot.is_attached() || self.inbox.is_stopping() => {}
                None => return Poll::Pending,
            }
        }
    }

    /// Finds whom a panic that came out of the actor's context is to be blamed on.
    fn blame(&mut self, panic: Panic) -> RestartRequest {
        let known =
            self.slot.with(|driver| driver.blame_exclusive(&panic).then(|| driver.restart.take())).flatten();
        known.flatten().unwrap_or_else(|| {
            tracing::error!(
                service = &*self.inbox.service,
                error = panic.message,
                location = panic.location,
                "an actor panicked outside of its inbox",
            );
            RestartRequest { reason: Reason::Panic, message: panic.message, lane: None }
        })
    }

    fn plan_restart(&mut self, request: &RestartRequest, held: bool, cx: &mut TaskContext<'_>) {
        let restart = Restart { reason: format!("{}: {}", request.reason, request.message), held };
        let counts = request.lane.is_none();
        let Some(delay) = self.restarts.next(&self.policy, counts) else {
            self.give_up(&restart.reason);
            return;
        };
        if let Some(lane) = request.lane {
            let _ = self.slot.with(|driver| driver.pause(lane, delay));
        } else if !delay.is_zero() {
            tracing::debug!(
                service = &*self.inbox.service,
                ?delay,
                "a restart waits: no success since the last one"
            );
            self.phase = Phase::Waiting { sleep: Box::pin(tokio::time::sleep(delay)), restart };
            return;
        }
        self.restart(restart, cx);
    }

    fn restart(&mut self, restart: Restart, cx: &mut TaskContext<'_>) {
        let restarted = match self.source {
            Source::Value(_) => guard(|| self.actor.restart()),
            Source::Factory(_) => self.replace(restart.held, cx),
        };
        let _ = self.slot.with(Driver::restarted);
        let restarts = self.inbox.restarted();
        match restarted {
            Ok(true) => {
                tracing::warn!(
                    service = &*self.inbox.service,
                    reason = restart.reason,
                    restarts,
                    "a service was restarted"
                );
                (self.lifecycle)(&self.inbox.service, Change::Restarted { reason: restart.reason, restarts });
            }
            Ok(false) => self.end(Reason::Shutdown),
            Err(panic) => {
                tracing::error!(
                    service = &*self.inbox.service,
                    error = panic.message,
                    location = panic.location,
                    "a service panicked while it was restarted",
                );
                let request = RestartRequest { reason: Reason::Panic, message: panic.message, lane: None };
                // The next try comes from the loop of `step`, after its backoff.
                match self.restarts.next(&self.policy, true) {
                    Some(delay) => {
                        let restart = Restart {
                            reason: format!("{}: {}", request.reason, request.message),
                            held: false,
                        };
                        self.phase = Phase::Waiting { sleep: Box::pin(tokio::time::sleep(delay)), restart };
                    }
                    None => self.give_up(&request.message),
                }
            }
        }
    }

    /// Restarts with a fresh instance.
    ///
    /// actix keeps the instance to itself: only futures in its context reach it, and `ContextFut::restart`, the only
    /// way to clear a context of what it held when it panicked, also makes it call `started` at its next poll,
    /// before any future. So where the driver does not hold the actor already, the context is cleared with the
    /// spare parts in place; then the parts that have been started are put back, and a future that holds the actor
    /// takes the new instance in.
    fn replace(&mut self, held: bool, cx: &mut TaskContext<'_>) -> Result<bool, Panic> {
        let Source::Factory(factory) = &self.source else { return guard(|| self.actor.restart()) };
        let fresh = guard(factory)?;
        if !held || self.actor.ctx().state() != ActorState::Running {
            if !self.spare_started {
                swap_parts(&mut self.actor, &mut self.spare);
            }
            if let Err(panic) = guard(|| self.actor.restart()) {
                tracing::debug!(
                    service = &*self.inbox.service,
                    error = panic.message,
                    "a failed instance panicked in `restarting`"
                );
            }
            swap_parts(&mut self.actor, &mut self.spare);
            self.slot.hold(self.actor.ctx());
        }
        self.slot.replace_with(fresh);
        if let Err(panic) = guard(|| Pin::new(&mut self.actor).poll(cx)) {
            tracing::debug!(
                service = &*self.inbox.service,
                error = panic.message,
                "a failed instance panicked when it was dropped"
            );
        }
        if self.slot.take_replacement().is_some() {
            let message = "the failed instance could not be replaced".to_owned();
            return Err(Panic { message, location: None });
        }
        swap_parts(&mut self.actor, &mut self.spare);
        self.spare_started = true;
        guard(|| self.actor.restart())
    }

    fn give_up(&mut self, reason: &str) {
        tracing::error!(service = &*self.inbox.service, reason, "a service failed too often and is given up");
        self.end(Reason::ServiceFailed);
        (self.lifecycle)(&self.inbox.service, Change::Failed { reason: reason.to_owned() });
    }

    /// Ends the run: whatever is here or still comes is a dead letter or an unavailable service.
    fn end(&mut self, reason: Reason) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        self.phase = Phase::Ended;
        self.inbox.close(reason);
        let _ = self.slot.with(|driver| driver.end(reason));
        // Whatever the actor had in its context goes with it; a half-broken instance is not asked whether it
        // would rather go on.
        self.actor.ctx().terminate();
        self.inbox.ended();
        if reason != Reason::ServiceFailed {
            (self.lifecycle)(&self.inbox.service, Change::Stopped);
        }
    }
}

impl<A: Actor<Context = Context<A>> + Supervised> Drop for Supervisor<A> {
    /// The runtime drops the run, or it has ended.
    fn drop(&mut self) {
        self.end(Reason::Shutdown);
    }
}

fn swap_parts<A: Actor<Context = Context<A>>>(
    actor: &mut ContextFut<A, Context<A>>,
    spare: &mut Option<Box<ContextParts<A>>>,
) {
    if let Some(spare) = spare {
        std::mem::swap(actor.ctx().parts(), &mut **spare);
    }
}
