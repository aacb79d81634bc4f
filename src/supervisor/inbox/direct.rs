//! Events that do not pass through a lane: a service that has nothing to do handles them while they are broadcast.
//!
//! Only the service's own thread begins and ends them, and the registry is on that thread too: as long as all goes well,
//! neither takes the lock.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Inbox;
use super::item::{Handed, Item};
use crate::supervisor::ledger::SubscriptionStats;

/// A subscription's part of the ledger for such events: how many have been begun and how many of those are over, added
/// up in one word, so that whoever reads it sees each event once. At most one is begun and not over.
#[derive(Debug, Default)]
pub(super) struct Direct(AtomicU64);

impl Direct {
    #[inline]
    fn begin(&self) {
        // Set and not added: an event that was lost to a panic in a `tracing` subscriber is forgotten then.
        self.0.store(self.0.load(Ordering::Relaxed) | 1, Ordering::Release);
    }

    #[inline]
    fn handled(&self) {
        debug_assert!(self.is_in_hand(), "what is handled has been begun");
        self.change(1);
    }

    fn take_back(&self) {
        debug_assert!(self.is_in_hand(), "what is taken back has been begun");
        self.change(-1);
    }

    /// One thread alone writes.
    #[inline]
    fn change(&self, by: i64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add_signed(by), Ordering::Release);
    }

    pub(super) fn is_in_hand(&self) -> bool {
        self.0.load(Ordering::Acquire) & 1 == 1
    }

    /// Enters them beside the others.
    pub(super) fn add_to(&self, ledger: &mut SubscriptionStats) {
        let word = self.0.load(Ordering::Acquire);
        let (handled, in_hand) = (word >> 1, word & 1);
        ledger.delivered += handled + in_hand;
        ledger.handled += handled;
        ledger.in_flight += in_hand;
    }
}

impl Inbox {
    /// Whether an event may go straight to the driver: that is asleep, and nothing is queued. Others push meanwhile
    /// only from other threads, whose events have no place before or behind this one.
    #[inline]
    pub(in crate::supervisor) fn is_resting(&self) -> bool {
        self.resting.load(Ordering::Acquire)
    }

    /// An event goes straight to the driver, and is in flight.
    #[inline]
    pub(in crate::supervisor) fn begin_directly(&self, subscription: u32) {
        self.subscriptions[subscription as usize].direct.begin();
    }

    /// It has been handled.
    #[inline]
    pub(in crate::supervisor) fn handled_directly(&self, subscription: u32) {
        self.subscriptions[subscription as usize].direct.handled();
    }

    /// It has been begun, and goes on as if it had come through its lane.
    #[cold]
    pub(in crate::supervisor) fn adopt(&self, subscription: u32) {
        let state = &mut *self.lock();
        let ledger = &mut state.subscriptions[subscription as usize];
        ledger.delivered += 1;
        ledger.in_flight += 1;
        // Under the lock, so that nobody sees it twice or not at all.
        self.subscriptions[subscription as usize].direct.take_back();
    }

    /// The driver has not begun it: it is queued after all, or is a dead letter.
    #[cold]
    pub(in crate::supervisor) fn queue_handed(&self, handed: Handed) {
        let Handed { lane, subscription, event } = handed;
        let mut state = self.lock();
        let pushed = state.push(lane as usize, subscription, event, None);
        // As above.
        self.subscriptions[subscription as usize].direct.take_back();
        drop(state);
        if let Err((event, reason)) = pushed {
            self.bury_refused(Item { subscription, attempt: 1, event, extra: None }, reason);
        }
    }
}
