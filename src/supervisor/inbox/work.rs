//! The driver's side of an inbox.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use tokio::time::Instant;

use super::step::{LaneState, Settled, Step};
use super::{Inbox, release};

/// What the driver is calling: a subscription's handler, or that of a message.
#[derive(Debug, Clone, Copy)]
pub(in crate::supervisor) enum InHand {
    Event(u32),
    Request(u32),
}

/// Marks a request in `Inbox::in_hand`, which is one more than what is in hand.
const REQUEST: u64 = 1 << 32;

impl Inbox {
    /// Takes the driver's next step.
    #[inline(always)]
    pub(in crate::supervisor) fn next(&self, lanes: &[LaneState], cursor: &mut usize, fresh: bool) -> Step {
        let mut state = self.lock();
        let step = state.next(lanes, cursor, fresh);
        release(state);
        step
    }

    /// What the driver had in hand is done.
    #[inline]
    pub(in crate::supervisor) fn settle(&self, settled: Settled) {
        if self.settled.load(Ordering::Acquire) != 0 {
            self.settle_former();
        }
        self.settled.store(settled.code(), Ordering::Release);
    }

    #[cold]
    fn settle_former(&self) {
        drop(self.lock());
    }

    /// What the driver had in hand goes back to its broker.
    #[cold]
    pub(in crate::supervisor) fn returned(&self, subscription: u32) {
        let ledger = &mut self.lock().subscriptions[subscription as usize];
        ledger.in_flight -= 1;
        ledger.returned += 1;
    }

    /// Takes note of an attempt beyond the first.
    pub(in crate::supervisor) fn retried(&self, subscription: u32) {
        self.lock().subscriptions[subscription as usize].retried += 1;
    }

    /// Counts an event that waits for its retry against its lane's bound, or no longer.
    pub(in crate::supervisor) fn waits_for_retry(&self, lane: usize, waits: bool) {
        let mut state = self.lock();
        let retrying = &mut state.lanes[lane].retrying;
        *retrying = if waits { *retrying + 1 } else { retrying.saturating_sub(1) };
        if !waits {
            state.admit(lane);
            state.wake();
        }
        release(state);
    }

    pub(in crate::supervisor) fn ready(&self, slot: u32) {
        let mut state = self.lock();
        state.ready.push_back(slot);
        state.wake();
    }

    /// Wants to look at its running handlers' timeouts at `deadline`.
    pub(in crate::supervisor) fn watch_handler(&self, deadline: Instant) {
        let mut state = self.lock();
        if state.handler_deadline.is_none_or(|next| deadline < next) {
            state.handler_deadline = Some(deadline);
        }
        if state.next_deadline.is_none_or(|next| deadline < next) {
            state.next_deadline = Some(deadline);
            drop(state);
            self.deadlines.arm(deadline);
        }
    }

    /// Whether the timeout of a running handler may have passed; asked once.
    pub(in crate::supervisor) fn take_overdue(&self) -> bool {
        self.overdue.load(Ordering::Acquire) && self.overdue.swap(false, Ordering::AcqRel)
    }

    pub(in crate::supervisor) fn set_waker(&self, waker: &Waker) {
        let mut state = self.lock();
        if !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
    }

    pub(in crate::supervisor) fn restarted(&self) -> u64 {
        let mut state = self.lock();
        state.restarts += 1;
        state.asleep = false;
        state.restarts
    }

    /// Takes note of what the driver is calling, for the watchdog.
    #[inline]
    pub(in crate::supervisor) fn set_in_hand(&self, in_hand: Option<InHand>) {
        let in_hand = match in_hand {
            None => 0,
            Some(InHand::Event(subscription)) => u64::from(subscription) + 1,
            Some(InHand::Request(handler)) => REQUEST + u64::from(handler) + 1,
        };
        self.in_hand.store(in_hand, Ordering::Relaxed);
    }

    /// The pattern of what the driver is calling.
    pub(in crate::supervisor) fn in_hand(&self) -> Option<&Arc<str>> {
        let in_hand = self.in_hand.load(Ordering::Relaxed).checked_sub(1)?;
        let index = (in_hand % REQUEST) as usize;
        if in_hand < REQUEST {
            self.subscriptions.get(index).map(|subscription| &subscription.pattern)
        } else {
            self.requests.get(index)
        }
    }
}
