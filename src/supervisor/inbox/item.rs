//! What lanes hold.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::receipt::{Receipt, Resume};
use crate::dead_letter::History;
use crate::event::SharedEvent;
use crate::supervisor::call::AnyCall;

/// One event on its way to one subscription.
pub(in crate::supervisor) struct Item {
    pub(in crate::supervisor) subscription: u32,
    /// Which attempt comes next: 1 is the first.
    pub(in crate::supervisor) attempt: u32,
    pub(in crate::supervisor) event: SharedEvent,
    /// What only a few items have, kept out of the others' way.
    pub(in crate::supervisor) extra: Option<Box<Extra>>,
}

/// An event on its way from the registry to an idle service's driver. It is in no lane, but in flight.
pub(in crate::supervisor) struct Handed {
    pub(in crate::supervisor) lane: u32,
    pub(in crate::supervisor) subscription: u32,
    pub(in crate::supervisor) event: SharedEvent,
}

/// What an item has that failed before, that is a replay, or that a broker delivered.
#[derive(Default)]
pub(in crate::supervisor) struct Extra {
    pub(in crate::supervisor) history: Option<History>,
    /// How many times a restart that it did not seem to cause has cut it off.
    pub(in crate::supervisor) cut_off: u32,
    /// When its first attempt failed.
    pub(in crate::supervisor) since: Option<Instant>,
    /// Is told how the delivery ended.
    pub(in crate::supervisor) receipt: Option<Receipt>,
}

impl Extra {
    /// The item was handled.
    #[cold]
    pub(in crate::supervisor) fn handled(self) {
        if let Some(receipt) = self.receipt {
            receipt.handled();
        }
    }
}

impl Item {
    pub(in crate::supervisor) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// Whether it goes back to a broker when it cannot be handled here.
    pub(in crate::supervisor) fn is_returnable(&self) -> bool {
        self.extra.as_ref().and_then(|extra| extra.receipt.as_ref()).is_some_and(Receipt::is_broker)
    }

    /// Gives it back to its broker, to be delivered again `delay` from now; `self.attempt` comes next. Its ledger entry
    /// is the caller's business.
    pub(in crate::supervisor) fn give_back(&mut self, delay: Duration) {
        let Some(extra) = self.extra.take() else { return };
        let Extra { history, since, receipt, .. } = *extra;
        if let Some(receipt) = receipt {
            let resume = Resume { attempt: self.attempt, history, since, delay };
            receipt.returned(since.map(|_| resume));
        }
    }
}

/// One request in the lane.
pub(crate) struct QueuedCall {
    pub(crate) handler: u32,
    pub(crate) call: Arc<dyn AnyCall>,
    pub(crate) deadline: Deadline,
    /// The sender's timeout.
    pub(crate) after: Duration,
}

/// When a request's sender stops waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deadline {
    At(Instant),
    /// Some hundred milliseconds later at the most.
    About(Instant),
    /// Its timeout counts from when somebody looks, some hundred milliseconds late at the most: most requests are
    /// answered before, and cost no look at the clock.
    Unstamped,
    /// Beyond the clock's end, or past and dealt with.
    Never,
}

/// A default timeout from which on it is kept to within a quarter of a second only, at no cost to the request.
const COARSE: Duration = Duration::from_secs(5);

impl Deadline {
    /// Exactly `timeout` from now; one beyond the clock's end is none.
    pub(crate) fn after(timeout: Duration) -> Self {
        Instant::now().checked_add(timeout).map_or(Self::Never, Self::At)
    }

    /// A default `timeout` from now: a long one costs the request nothing.
    #[inline]
    pub(crate) fn default_of(timeout: Duration) -> Self {
        if timeout < COARSE { Self::after(timeout) } else { Self::Unstamped }
    }

    /// Begins to count a timeout where nobody has yet.
    pub(super) fn stamp(&mut self, now: Instant, after: Duration) {
        if *self == Self::Unstamped {
            *self = now.checked_add(after).map_or(Self::Never, Self::About);
        }
    }
}

/// The next deadlines.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::supervisor) struct Next {
    pub(in crate::supervisor) exact: Option<Instant>,
    pub(in crate::supervisor) about: Option<Instant>,
}

impl Next {
    /// Whether `deadline` is past at `now`; if not, it may be the next one.
    pub(super) fn is_past(&mut self, deadline: Deadline, now: Instant) -> bool {
        let (next, deadline) = match deadline {
            Deadline::At(deadline) => (&mut self.exact, deadline),
            Deadline::About(deadline) => (&mut self.about, deadline),
            Deadline::Unstamped | Deadline::Never => return false,
        };
        if deadline > now {
            *next = Some(next.map_or(deadline, |next| next.min(deadline)));
        }
        deadline <= now
    }
}
