//! Whose a delivery is.

use std::sync::atomic::{AtomicU32, Ordering};

/// The subscription that a delivery belongs to, and whether it has had its transaction: one word, so that an event
/// pays nothing for it.
pub(crate) struct Whose(AtomicU32);

/// Marks a delivery that has had its transaction.
const LENT: u32 = 1 << 31;

impl Whose {
    /// `number` is the process's own for the subscription.
    #[inline]
    pub(crate) fn new(number: u32) -> Self {
        Self(AtomicU32::new(number & !LENT))
    }

    pub(crate) fn number(&self) -> u32 {
        self.0.load(Ordering::Relaxed) & !LENT
    }

    pub(crate) fn was_lent(&self) -> bool {
        self.0.load(Ordering::Relaxed) & LENT != 0
    }

    pub(crate) fn lent(&self) {
        self.0.fetch_or(LENT, Ordering::Relaxed);
    }
}

impl Clone for Whose {
    fn clone(&self) -> Self {
        Self(AtomicU32::new(self.0.load(Ordering::Relaxed)))
    }
}
