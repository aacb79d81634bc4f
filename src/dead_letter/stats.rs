//! How the dead letters are doing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use parking_lot::{Mutex, MutexGuard};

use super::record::DeadLetter;
use super::store::StoreError;

/// How the dead letters are doing. `recorded = written + waiting + dropped`.
#[derive(serde::Serialize, Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetterStats {
    /// Letters handed over to be kept.
    pub recorded: u64,
    /// Those that the store has taken.
    pub written: u64,
    /// Those that wait in memory to be written.
    pub waiting: u64,
    /// Those that are lost: too many waited, the store refused them, or the node ended before they were
    /// written. Each is logged at error.
    pub dropped: u64,
    /// Those that the store has thrown away since, for want of room.
    pub evicted: u64,
    /// Failures of handlers of `$dead_letter` events: logged and counted here, never kept.
    pub not_kept: u64,
    /// How many writes have failed.
    pub store_failures: u64,
    /// Since when the store has been failing; `None` while it works.
    pub failing_since: Option<SystemTime>,
    /// What the store said when it failed last.
    pub last_error: Option<StoreError>,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    recorded: AtomicU64,
    written: AtomicU64,
    dropped: AtomicU64,
    /// Written ones that the node was told of.
    told: AtomicU64,
    evicted: AtomicU64,
    not_kept: AtomicU64,
    trouble: Mutex<Trouble>,
}

#[derive(Debug, Default)]
struct Trouble {
    failures: u64,
    since: Option<SystemTime>,
    last: Option<StoreError>,
}

impl Counters {
    pub(super) fn recorded(&self) {
        self.recorded.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn written(&self, letters: usize) {
        self.written.fetch_add(letters as u64, Ordering::Release);
    }

    pub(super) fn told(&self, letters: usize) {
        self.told.fetch_add(letters as u64, Ordering::Relaxed);
    }

    /// Whether more than `bound` letters are between their failure and the end of all that follows from it, while the store
    /// works.
    pub(super) fn is_behind(&self, bound: u64) -> bool {
        let ended = self.told.load(Ordering::Relaxed) + self.dropped.load(Ordering::Relaxed);
        // A store that fails makes letters wait for long, and up to a bound of their own.
        self.recorded.load(Ordering::Relaxed).saturating_sub(ended) > bound && self.trouble().since.is_none()
    }

    pub(super) fn evicted(&self, in_all: u64) {
        self.evicted.store(in_all, Ordering::Relaxed);
    }

    pub(super) fn not_kept(&self) {
        self.not_kept.fetch_add(1, Ordering::Relaxed);
    }

    /// The letter is lost.
    pub(super) fn dropped(&self, letter: &DeadLetter, why: &str) {
        self.dropped.fetch_add(1, Ordering::Release);
        tracing::error!(
            service = %letter.service,
            pattern = %letter.route,
            id = %letter.event_id,
            reason = %letter.reason,
            correlation_id = %letter.correlation_id,
            "a dead letter is lost: {why}"
        );
    }

    /// A write has failed. True if the one before had not.
    pub(super) fn failed(&self, error: &StoreError) -> bool {
        let mut trouble = self.trouble();
        trouble.failures += 1;
        trouble.last = Some(error.clone());
        let first = trouble.since.is_none();
        trouble.since.get_or_insert_with(SystemTime::now);
        first
    }

    /// A write has succeeded. If the one before had not: since when.
    pub(super) fn works(&self) -> Option<SystemTime> {
        self.trouble().since.take()
    }

    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock()
    }

    pub(super) fn snapshot(&self) -> DeadLetterStats {
        // What ends is read before what begins, so that nothing ends that has not begun.
        let written = self.written.load(Ordering::Acquire);
        let dropped = self.dropped.load(Ordering::Acquire);
        let recorded = self.recorded.load(Ordering::Relaxed);
        let trouble = self.trouble();
        DeadLetterStats {
            recorded,
            written,
            waiting: recorded.saturating_sub(written + dropped),
            dropped,
            evicted: self.evicted.load(Ordering::Relaxed),
            not_kept: self.not_kept.load(Ordering::Relaxed),
            store_failures: trouble.failures,
            failing_since: trouble.since,
            last_error: trouble.last.clone(),
        }
    }
}
