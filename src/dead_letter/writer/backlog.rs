//! What waits to be written.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::command::Unwritten;
use crate::dead_letter::record::DeadLetter;
use crate::dead_letter::stats::Counters;
use crate::dead_letter::store::{Change, StoreError};

/// The most changes of one transaction.
const BATCH: usize = 1024;
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// What waits to be written, in the order in which it came, and when to try.
pub(super) struct Backlog {
    changes: VecDeque<Change>,
    /// How many of them are letters.
    letters: usize,
    max_waiting: usize,
    /// Set while the store fails.
    outage: Option<Outage>,
    /// How many changes are written one by one, to find the letter that the store refuses.
    one_by_one: usize,
    counters: Arc<Counters>,
}

struct Outage {
    delay: Duration,
    next_try: Instant,
}

impl Backlog {
    pub(super) fn new(counters: Arc<Counters>, max_waiting: usize) -> Self {
        Self { changes: VecDeque::new(), letters: 0, max_waiting, outage: None, one_by_one: 0, counters }
    }

    pub(super) fn bury(&mut self, letter: Unwritten) {
        if let Some(letter) = letter.take() {
            self.changes.push_back(Change::Record(letter));
            self.letters += 1;
            if self.is_failing() {
                self.trim();
            }
        }
    }

    pub(super) fn settle(&mut self, change: Change) {
        self.changes.push_back(change);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn is_failing(&self) -> bool {
        self.outage.is_some()
    }

    pub(super) fn has_full_batch(&self) -> bool {
        self.changes.len() >= BATCH
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        !self.is_empty() && self.outage.as_ref().is_none_or(|outage| outage.next_try <= now)
    }

    /// When to try again, while the store fails.
    pub(super) fn next_try(&self) -> Option<Instant> {
        self.outage.as_ref().map(|outage| outage.next_try)
    }

    /// Writes as many changes as fit into one transaction, and returns the letters among them as they are stored.
    pub(super) fn write_batch(
        &mut self,
        write: impl FnOnce(&mut [Change]) -> Result<(), StoreError>,
    ) -> Result<Vec<Arc<DeadLetter>>, StoreError> {
        let most = if self.one_by_one > 0 { 1 } else { BATCH };
        let size = most.min(self.changes.len());
        let result = write(&mut self.changes.make_contiguous()[..size]);
        match result {
            Ok(()) => Ok(self.written(size)),
            Err(StoreError::Refused(_)) if size > 1 => {
                self.one_by_one = size;
                Ok(Vec::new())
            }
            Err(error @ StoreError::Refused(_)) => {
                self.one_by_one = self.one_by_one.saturating_sub(1);
                if let Some(Change::Record(letter)) = self.changes.pop_front() {
                    self.letters -= 1;
                    self.counters.dropped(&letter, &error.to_string());
                }
                Ok(Vec::new())
            }
            Err(error) => {
                self.failed(&error);
                Err(error)
            }
        }
    }

    fn written(&mut self, size: usize) -> Vec<Arc<DeadLetter>> {
        self.one_by_one = self.one_by_one.saturating_sub(size);
        let letters: Vec<Arc<DeadLetter>> = self
            .changes
            .drain(..size)
            .filter_map(|change| match change {
                Change::Record(letter) => Some(Arc::from(letter)),
                Change::Settle { .. } => None,
            })
            .collect();
        self.letters -= letters.len();
        self.counters.written(letters.len());
        if let Some(since) = self.outage.take().and_then(|_| self.counters.works()) {
            let after = SystemTime::now().duration_since(since).unwrap_or_default();
            tracing::info!(waiting = self.letters, ?after, "the dead-letter store works again");
        }
        letters
    }

    fn failed(&mut self, error: &StoreError) {
        if self.counters.failed(error) {
            tracing::error!(
                %error,
                waiting = self.letters,
                max_waiting = self.max_waiting,
                "dead letters cannot be written: they wait in memory until the store works again"
            );
        }
        let delay = self.outage.as_ref().map_or(FIRST_DELAY, |outage| (outage.delay * 2).min(LONGEST_DELAY));
        self.outage = Some(Outage { delay, next_try: Instant::now() + delay });
        self.trim();
    }

    /// Gives up the newest letters that are too many: those that have waited longest tell how it began.
    fn trim(&mut self) {
        if self.letters <= self.max_waiting {
            return;
        }
        let mut room = self.max_waiting;
        for change in mem::take(&mut self.changes) {
            match change {
                Change::Record(letter) if room == 0 => {
                    self.counters.dropped(&letter, "too many wait while the store fails");
                }
                Change::Record(_) => {
                    room -= 1;
                    self.changes.push_back(change);
                }
                // How a replay ended must not be forgotten: there are no more of these than replays.
                Change::Settle { .. } => self.changes.push_back(change),
            }
        }
        self.letters = self.max_waiting;
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        for change in self.changes.drain(..) {
            if let Change::Record(letter) = change {
                self.counters.dropped(&letter, "the node has ended, and the store still fails");
            }
        }
    }
}
