//! What passes between an inbox and its driver.

use std::sync::Arc;

use super::item::Item;
use crate::supervisor::call::AnyCall;

/// What the driver does next. `last` says that nothing else was there: whatever comes later calls the waker.
pub(in crate::supervisor) enum Step {
    /// Poll what runs in this slot.
    Slot { slot: u32, last: bool },
    /// Begin an event of this lane.
    Event { lane: usize, item: Item, last: bool },
    /// Begin a request.
    Request { begun: Begun, last: bool },
    /// Nothing to do until the waker is called.
    Idle,
}

/// A request that has left the lane.
pub(in crate::supervisor) struct Begun {
    /// Its place among the running ones, to settle it by.
    pub(in crate::supervisor) key: usize,
    pub(in crate::supervisor) handler: u32,
    pub(in crate::supervisor) call: Arc<dyn AnyCall>,
}

/// What has become of what the driver had in hand.
#[derive(Debug, Clone, Copy)]
pub(in crate::supervisor) enum Settled {
    Handled(u32),
    DeadLettered(u32),
    Answered(usize),
    Unanswered(usize),
}

impl Settled {
    /// As one word, which is never zero: two bits say what, the rest is the index.
    #[inline]
    pub(super) fn code(self) -> u64 {
        let (kind, index) = match self {
            Self::Handled(subscription) => (0, u64::from(subscription)),
            Self::DeadLettered(subscription) => (1, u64::from(subscription)),
            Self::Answered(key) => (2, key as u64),
            Self::Unanswered(key) => (3, key as u64),
        };
        (index + 1) << 2 | kind
    }

    /// What [`code`](Self::code) was made of.
    #[inline]
    pub(super) fn from_code(code: u64) -> Self {
        let index = (code >> 2) - 1;
        match code & 3 {
            0 => Self::Handled(index as u32),
            1 => Self::DeadLettered(index as u32),
            2 => Self::Answered(index as usize),
            _ => Self::Unanswered(index as usize),
        }
    }
}

/// What the driver knows of its lanes.
#[derive(Debug, Clone, Copy)]
pub(in crate::supervisor) struct LaneState {
    pub(in crate::supervisor) concurrency: u32,
    pub(in crate::supervisor) running: u32,
    /// It waits out a backoff.
    pub(in crate::supervisor) paused: bool,
}

impl LaneState {
    pub(in crate::supervisor) fn is_open(self) -> bool {
        self.running < self.concurrency && !self.paused
    }
}
