//! Where failures go.

use std::sync::Arc;

use super::failure::{Failure, History};
use super::keeper::Desk;
use super::reason::Reason;
use super::record::DeadLetter;
use crate::event::SharedEvent;

/// The route of the event that tells of a dead letter; what fails on it is never a dead letter again.
const OWN_ROUTE: &str = "$dead_letter";

/// How many letters may be on their way to the store before peers have to wait; some 2 KB each.
const BEHIND: u64 = 4_096;

/// Where failures go. It is cheap to clone, never blocks, and never fails its caller.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    desk: Arc<Desk>,
}

impl Sink {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    /// Keeps `event`, which the subscription of `service` could not handle; both are empty where nobody subscribed. `history` is what its delivery has been through; `None`
    /// if it never reached a handler.
    pub(crate) fn bury(
        &self,
        event: &SharedEvent,
        service: &str,
        subscription: &str,
        failure: Failure,
        history: Option<History>,
    ) {
        self.bury_letter(self.desk.core.origin.letter(event, service, subscription, failure, history));
    }

    /// Whether letters come faster than they are kept: whoever can wait should.
    pub(crate) fn is_behind(&self) -> bool {
        self.desk.core.counters.is_behind(BEHIND)
    }

    /// Keeps a letter that is made already.
    pub(crate) fn bury_letter(&self, letter: DeadLetter) {
        log(&letter);
        if letter.route.as_str().starts_with(OWN_ROUTE) {
            self.desk.core.counters.not_kept();
        } else {
            self.desk.bury(letter);
        }
    }
}

macro_rules! log_at {
    ($level:ident, $letter:expr) => {
        tracing::$level!(
            service = %$letter.service,
            pattern = %$letter.route,
            kind = "event",
            id = %$letter.event_id,
            reason = %$letter.reason,
            attempts = $letter.attempts,
            correlation_id = %$letter.correlation_id,
            error = %$letter.error_message,
            panic_location = $letter.panic_location,
            "an event became a dead letter"
        )
    };
}

/// A failure is logged once, and here.
fn log(letter: &DeadLetter) {
    if letter.reason == Reason::Panic {
        log_at!(error, letter);
    } else {
        log_at!(warn, letter);
    }
}
