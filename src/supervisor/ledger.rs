//! The counters of a subscription and of a service's requests.

use serde::Serialize;

/// One subscription's ledger. At any moment
/// `delivered = handled + dead_lettered + returned + queued + in_flight`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionStats {
    /// Events that reached the subscription: taken by its handler or its lane, or refused by it.
    pub delivered: u64,
    /// Events whose handler succeeded.
    pub handled: u64,
    /// Events that became dead letters.
    pub dead_lettered: u64,
    /// Events that went back to the broker they came from.
    pub returned: u64,
    /// Events in the lane: the queue's length.
    pub queued: u64,
    /// Events in a handler's hands, or waiting for a retry.
    pub in_flight: u64,
    /// Attempts beyond the first.
    pub retried: u64,
    /// Duplicates that were not delivered.
    pub suppressed: u64,
}

impl SubscriptionStats {
    /// How far the ledger is from balance: zero.
    #[must_use]
    pub fn imbalance(&self) -> i128 {
        let spent = self.handled + self.dead_lettered + self.returned + self.queued + self.in_flight;
        i128::from(self.delivered) - i128::from(spent)
    }

    /// Adds another subscription's counters.
    pub(crate) fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.handled += other.handled;
        self.dead_lettered += other.dead_lettered;
        self.returned += other.returned;
        self.queued += other.queued;
        self.in_flight += other.in_flight;
        self.retried += other.retried;
        self.suppressed += other.suppressed;
    }
}

/// What became of a service's requests through the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestStats {
    /// Requests that the request lane took.
    pub received: u64,
    /// Requests that the handler answered, with its response or its own error, and streams that came to their end.
    pub answered: u64,
    /// Requests whose handler panicked, timed out or dropped them, or that nobody waited for any more.
    pub unanswered: u64,
    /// Requests that the full lane refused.
    pub overloaded: u64,
    /// Requests in the lane.
    pub queued: u64,
    /// Requests in a handler's hands.
    pub in_flight: u64,
}
