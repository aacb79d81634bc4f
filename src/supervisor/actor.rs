//! One actor while it runs: polled inside a guard, restarted, ended.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use actix::dev::{AsyncContextParts, ContextFut, ContextParts};
use actix::{Actor, ActorContext, ActorState, Context, Supervised};
use tokio::time::Sleep;

use super::driver::{Driver, RestartRequest, Slot};
use super::inbox::Inbox;
use super::lifecycle::{Change, Lifecycle};
use super::restart::{RestartPolicy, Restarts};
use crate::dead_letter::Reason;
use crate::panics::{Panic, guard};
use crate::scope;

/// Where the actor's instances come from.
pub(crate) enum Source<A> {
    /// This one instance; after a failure the same one.
    Value(Option<A>),
    /// A fresh instance at the start and after each failure.
    Factory(Box<dyn Fn() -> A>),
}

/// Polls actix's own context future inside a guard, and restarts it.
pub(super) struct Run<A: Actor<Context = Context<A>> + Supervised> {
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
    /// The driver's successes at the last failure.
    successes: u64,
    phase: Phase,
    /// `started` has returned once, and the node has been told.
    announced: bool,
    lifecycle: Lifecycle,
}

enum Phase {
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
    cause: Cause,
}

/// What brought a restart about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A failure that the driver saw; it holds the actor.
    Held,
    /// A failure that came out of the actor's context.
    Context,
    /// The actor called `ctx.stop()`: no failure, and as under actix's own supervisor the same instance goes on.
    Stopped,
}

impl<A: Actor<Context = Context<A>> + Supervised> Run<A> {
    pub(super) fn new(
        actor: ContextFut<A, Context<A>>,
        source: Source<A>,
        spare: Option<Box<ContextParts<A>>>,
        slot: Rc<Slot<A>>,
        inbox: Arc<Inbox>,
        policy: RestartPolicy,
        lifecycle: Lifecycle,
    ) -> Self {
        Self {
            actor,
            source,
            spare,
            spare_started: false,
            slot,
            inbox,
            policy,
            restarts: Restarts::default(),
            successes: 0,
            phase: Phase::Running,
            announced: false,
            lifecycle,
        }
    }

    /// Where an event is left for the driver.
    pub(super) fn slot(&self) -> &Rc<Slot<A>> {
        &self.slot
    }

    #[inline]
    pub(super) fn step(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
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
                Phase::Running | Phase::Stopping => {}
            }
            self.slot.attach(self.actor.ctx());
            if self.slot.wants_attention() {
                let _ = self.slot.with(Driver::enter_exclusive);
            }
            let polled = guard(|| Pin::new(&mut self.actor).poll(cx));
            if self.slot.wants_attention() {
                scope::current().leave();
            }
            if matches!(self.phase, Phase::Stopping) {
                self.end(Reason::Shutdown);
                return Poll::Ready(());
            }
            if !self.announced && polled.is_ok() {
                self.announced = true;
                (self.lifecycle)(&self.inbox.service, Change::Started);
            }
            let quiet = matches!(polled, Ok(Poll::Pending)) && !self.slot.wants_attention();
            let request = if quiet { None } else { self.failure(polled) };
            match request {
                Some((request, cause)) => {
                    self.plan_restart(&request, cause, cx);
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

    /// What has failed in this round, and where it leaves the actor.
    #[cold]
    fn failure(&mut self, polled: Result<Poll<()>, Box<Panic>>) -> Option<(RestartRequest, Cause)> {
        let held = self.slot.with(|driver| driver.restart.take()).flatten();
        match (polled, held) {
            (Err(panic), _) => Some((self.blame(*panic), Cause::Context)),
            (Ok(Poll::Pending), Some(request)) => Some((request, Cause::Held)),
            // It failed and stopped in one go.
            (Ok(Poll::Ready(())), Some(request)) => Some((request, Cause::Context)),
            (Ok(Poll::Ready(())), None) => {
                let message = "the actor stopped itself".to_owned();
                Some((RestartRequest { reason: Reason::Panic, message, lane: None }, Cause::Stopped))
            }
            (Ok(Poll::Pending), None) => {
                if self.slot.with(Driver::fail_exclusive_if_overdue) != Some(true) {
                    return None;
                }
                let request = self.slot.with(|driver| driver.restart.take()).flatten();
                // Its future is in actix's hands: only a restart takes it away.
                let request = request.unwrap_or_else(|| RestartRequest {
                    reason: Reason::Timeout,
                    message: "a response that paused the actor outlived its timeout".to_owned(),
                    lane: None,
                });
                Some((request, Cause::Context))
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

    fn plan_restart(&mut self, request: &RestartRequest, cause: Cause, cx: &mut TaskContext<'_>) {
        let reason = match cause {
            Cause::Stopped => request.message.clone(),
            Cause::Held | Cause::Context => format!("{}: {}", request.reason, request.message),
        };
        let restart = Restart { reason, cause };
        let counts = request.lane.is_none();
        let successes = self.slot.with(|driver| driver.successes).unwrap_or_default();
        if std::mem::replace(&mut self.successes, successes) != successes {
            self.restarts.succeeded();
        }
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
            Source::Factory(_) if restart.cause != Cause::Stopped => {
                self.replace(restart.cause == Cause::Held, cx)
            }
            _ => guard(|| self.actor.restart()),
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
                            cause: Cause::Context,
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
    /// takes the new instance in. Only where neither parts are started and running (the actor stopped itself while it
    /// failed, and it is the first failure) is the failed instance started once more.
    fn replace(&mut self, held: bool, cx: &mut TaskContext<'_>) -> Result<bool, Box<Panic>> {
        let Source::Factory(factory) = &self.source else { return guard(|| self.actor.restart()) };
        let fresh = guard(factory)?;
        let is_running = self.actor.ctx().state() == ActorState::Running;
        if !held || !is_running {
            let set_aside = !self.spare_started && is_running;
            if set_aside {
                swap_parts(&mut self.actor, &mut self.spare);
            }
            if let Err(panic) = guard(|| self.actor.restart()) {
                tracing::debug!(
                    service = &*self.inbox.service,
                    error = panic.message,
                    "a failed instance panicked in `restarting`"
                );
            }
            if set_aside || self.spare_started {
                swap_parts(&mut self.actor, &mut self.spare);
            }
        }
        self.slot.replace_with(fresh);
        // Twice where `started` of the failed instance panics or waits: then it is started all the same.
        for _ in 0..2 {
            if !self.slot.has_replacement() {
                break;
            }
            self.slot.hold(self.actor.ctx());
            if let Err(panic) = guard(|| Pin::new(&mut self.actor).poll(cx)) {
                tracing::debug!(
                    service = &*self.inbox.service,
                    error = panic.message,
                    "a failed instance panicked when it was dropped"
                );
            }
        }
        if self.slot.take_replacement().is_some() {
            let message = "the failed instance could not be replaced".to_owned();
            return Err(Box::new(Panic { message, location: None }));
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

impl<A: Actor<Context = Context<A>> + Supervised> Drop for Run<A> {
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
