//! The lock of an inbox, and what is done whenever it is taken and given back.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::MutexGuard;

use super::Inbox;
use super::state::State;
use crate::panics::discard;

impl Inbox {
    /// Takes the lock. What the driver has settled is in the ledger then.
    #[inline(always)]
    pub(super) fn lock(&self) -> Locked<'_> {
        // No code of the user's runs under this lock.
        let mut state = self.state.lock();
        let code = self.settled.load(Ordering::Acquire);
        if code != 0 {
            state.settle(code);
            self.settled.store(0, Ordering::Relaxed);
        }
        Locked { state, resting: &self.resting }
    }
}

/// The state under its lock.
pub(super) struct Locked<'a> {
    state: MutexGuard<'a, State>,
    resting: &'a AtomicBool,
}

impl Deref for Locked<'_> {
    type Target = State;

    #[inline]
    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Locked<'_> {
    #[inline]
    fn drop(&mut self) {
        self.resting.store(self.state.is_resting(), Ordering::Release);
    }
}

/// Gives the lock back, and then drops the events whose senders have gone.
#[inline(always)]
pub(super) fn release(state: Locked<'_>) {
    if !state.gone.is_empty() {
        drop_gone(state);
    }
}

#[cold]
fn drop_gone(mut state: Locked<'_>) {
    let gone = std::mem::take(&mut state.gone);
    drop(state);
    for item in gone {
        discard(item);
    }
}
