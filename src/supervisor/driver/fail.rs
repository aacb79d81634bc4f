//! What becomes of a failure: another attempt, a dead letter, a restart.

use std::time::{Duration, SystemTime};

use actix::{Actor, Context};
use tokio::time::Instant;

use super::running::Work;
use super::{Driver, sleep, timed_out};
use crate::dead_letter::{Failure, History, Reason};
use crate::panics::{Panic, discard};
use crate::supervisor::call::{AnyCall, Refusal};
use crate::supervisor::inbox::{Item, Settled};
use crate::supervisor::restart::RestartOn;

/// From which delay on a broker waits with an event, and not its lane.
const LONG: Duration = Duration::from_secs(5);

/// Why the actor is held, waiting for its restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::supervisor) struct RestartRequest {
    pub(in crate::supervisor) reason: Reason,
    pub(in crate::supervisor) message: String,
    /// The lane that failed by a spent error alone. It waits out the backoff, and the actor does not: what is
    /// down for an hour must not stop the service's requests.
    pub(in crate::supervisor) lane: Option<usize>,
}

impl<A: Actor<Context = Context<A>>> Driver<A> {
    #[cold]
    pub(super) fn fail_event(&mut self, lane: usize, mut item: Item, failure: Failure, permanent: bool) {
        let rule = &self.events[item.subscription as usize];
        let attempt = item.attempt;
        let extra = item.extra();
        let since = *extra.since.get_or_insert_with(Instant::now);
        let next = if permanent { None } else { rule.retry.next(attempt, since.elapsed()) };
        let history = extra.history.get_or_insert_with(History::new);
        history.failed(SystemTime::now(), &failure.message, next.unwrap_or_default());
        let spent = next.is_none();
        self.ask_for_restart(&failure, spent, Some(lane));
        match next {
            Some(delay) => self.retry(lane, item, &failure, delay),
            None => {
                let subscription = item.subscription;
                self.inbox.bury(&mut item, failure);
                self.lanes[lane].running -= 1;
                self.inbox.settle(Settled::DeadLettered(subscription));
                discard(item);
            }
        }
    }

    fn retry(&mut self, lane: usize, mut item: Item, failure: &Failure, delay: Duration) {
        tracing::debug!(
            service = &*self.inbox.service,
            pattern = item.event.metadata().route().as_str(),
            kind = "event",
            id = %item.event.metadata().id(),
            attempt = item.attempt,
            correlation_id = %item.event.metadata().correlation_id(),
            reason = failure.reason.as_str(),
            error = failure.message,
            ?delay,
            "an attempt failed and will be made again",
        );
        item.attempt += 1;
        self.inbox.retried(item.subscription);
        if delay >= LONG && item.is_returnable() {
            self.lanes[lane].running -= 1;
            self.give_back(item, delay);
            return;
        }
        // An ordered lane waits with the event, or a later one would overtake it.
        let holds = delay.is_zero() || self.lanes[lane].concurrency == 1;
        if !holds {
            self.lanes[lane].running -= 1;
            self.inbox.waits_for_retry(lane, true);
        }
        if delay.is_zero() {
            self.due.push_back((lane, item, holds));
        } else {
            self.rest(Work::Delay { lane, item, holds, sleep: sleep(delay) });
        }
    }

    #[cold]
    pub(super) fn fail_request(
        &mut self,
        key: usize,
        call: &dyn AnyCall,
        failure: Failure,
        timeout: Option<Duration>,
    ) {
        let metadata = call.metadata();
        tracing::error!(
            service = &*self.inbox.service,
            pattern = metadata.route().as_str(),
            kind = "message",
            id = %metadata.id(),
            attempt = 1_u32,
            correlation_id = %metadata.correlation_id(),
            reason = failure.reason.as_str(),
            error = failure.message,
            location = failure.panic_location,
            "a message handler failed",
        );
        self.ask_for_restart(&failure, true, None);
        call.refuse(match failure.reason {
            Reason::Timeout => Refusal::Timeout { after: timeout.unwrap_or_default() },
            _ => Refusal::Panicked { service: self.inbox.service.to_string(), message: failure.message },
        });
        self.inbox.settle(Settled::Unanswered(key));
    }

    fn ask_for_restart(&mut self, failure: &Failure, spent: bool, lane: Option<usize>) {
        let lane = match (failure.reason, self.restart_on) {
            (Reason::Panic, _) | (Reason::Timeout, RestartOn::Failure) => None,
            (Reason::HandlerError, RestartOn::Failure) if spent => lane,
            // The event is to blame, not the service.
            _ => return,
        };
        // The first failure is the reason, unless a graver one comes before the restart.
        if self.restart.as_ref().is_none_or(|known| known.lane.is_some() && lane.is_none()) {
            self.restart =
                Some(RestartRequest { reason: failure.reason, message: failure.message.clone(), lane });
        }
    }

    /// A panic came out of the actor's context. If a response of ours had paused the actor it is to blame, since
    /// nothing else ran.
    pub(in crate::supervisor) fn blame_exclusive(&mut self, panic: &Panic) -> bool {
        let Some(running) = self.exclusive.take().and_then(|index| self.running.try_remove(index)).flatten()
        else {
            return false;
        };
        self.fail_running(running, panicked(panic.clone()));
        true
    }

    /// Cuts off a response that pauses the actor and has outlived its timeout.
    pub(in crate::supervisor) fn fail_exclusive_if_overdue(&mut self) -> bool {
        let Some(index) = self.exclusive else { return false };
        let Some(deadline) = self.running.get(index).and_then(|running| running.as_ref()?.deadline) else {
            return false;
        };
        if deadline > Instant::now() {
            // The driver, which would ask for it, is not polled while the actor is paused.
            self.inbox.watch_handler(deadline);
            return false;
        }
        if self.has_come(index) {
            return false;
        }
        self.exclusive = None;
        if let Some(running) = self.running.try_remove(index).flatten() {
            let timeout = running.timeout.unwrap_or_default();
            self.fail_running(running, timed_out(timeout));
        }
        true
    }

    /// The service ends: everything in hand becomes a dead letter or an unanswered request, or goes back to its broker.
    pub(in crate::supervisor) fn end(&mut self, reason: Reason) {
        let running: Vec<_> = self.running.drain().flatten().collect();
        for running in running {
            match running.work {
                Work::Event { item, response, .. } => {
                    discard(response);
                    self.bury_unfinished(item, reason);
                }
                Work::Delay { item, .. } => self.bury_unfinished(item, reason),
                // Its sender was told when the inbox was closed.
                Work::Request { key, work, .. } => {
                    discard(work);
                    self.inbox.settle(Settled::Unanswered(key));
                }
                Work::Pause { .. } => {}
            }
        }
        while let Some((_, item, _)) = self.due.pop_front() {
            self.bury_unfinished(item, reason);
        }
    }

    fn give_back(&self, mut item: Item, delay: Duration) {
        // Counted before it is told: what is told of may be delivered again at once.
        self.inbox.returned(item.subscription);
        item.give_back(delay);
        discard(item);
    }

    fn bury_unfinished(&mut self, mut item: Item, reason: Reason) {
        if item.is_returnable() {
            return self.give_back(item, Duration::ZERO);
        }
        let message = match reason {
            Reason::ServiceFailed => "the service was given up while the event was in its hands",
            Reason::Unsubscribed => "the subscription was taken away while the event was in its hands",
            _ => "the node shut down while the event was in its hands",
        };
        let subscription = item.subscription;
        self.inbox.bury(&mut item, Failure::new(reason, "nestling", message));
        self.inbox.settle(Settled::DeadLettered(subscription));
        discard(item);
    }
}

pub(super) fn panicked(panic: Panic) -> Failure {
    let mut failure = Failure::new(Reason::Panic, "panic", panic.message);
    failure.panic_location = panic.location;
    failure
}

pub(super) fn suspect() -> Failure {
    let message = "its response panicked in actix's hands, or was cut off by a restart again and again";
    Failure::new(Reason::Panic, "nestling", message)
}

pub(super) fn dropped() -> Failure {
    Failure::new(Reason::HandlerError, "nestling", "the handler dropped its response")
}
