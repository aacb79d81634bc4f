//! Handled events in memory.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use foldhash::quality::RandomState;
use tokio::time::Instant;

use super::error::HandledError;
use super::store::{HandledKey, HandledStore};

/// Handled events in memory: as many as fit, for as long as they are kept. The oldest make room.
///
/// It suppresses what a broker delivers again while the process lives. After a restart it knows nothing: what was
/// handled and not yet acknowledged is then handled once more.
#[derive(Debug)]
pub struct MemoryHandled {
    known: HashSet<HandledKey, RandomState>,
    /// The same, the oldest first.
    oldest: VecDeque<(Instant, HandledKey)>,
    capacity: usize,
    keep: Duration,
}

impl MemoryHandled {
    /// A store of at most `events`, and at least one, of about 200 bytes each; they are kept for an hour.
    #[must_use]
    pub fn new(events: usize) -> Self {
        Self {
            known: HashSet::default(),
            oldest: VecDeque::new(),
            capacity: events.max(1),
            keep: Duration::from_secs(3600),
        }
    }

    /// For how long an event is remembered. It should be longer than a broker may take to deliver it again.
    #[must_use]
    pub fn keep_for(self, time: Duration) -> Self {
        Self { keep: time, ..self }
    }

    /// Forgets what is too old, or too much.
    fn prune(&mut self, now: Instant) {
        while let Some((recorded, _)) = self.oldest.front() {
            let too_old = now.saturating_duration_since(*recorded) >= self.keep;
            if !too_old && self.oldest.len() <= self.capacity {
                return;
            }
            if let Some((_, key)) = self.oldest.pop_front() {
                self.known.remove(&key);
            }
        }
    }
}

/// The last 100,000, for an hour.
impl Default for MemoryHandled {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl HandledStore for MemoryHandled {
    fn contains(&mut self, key: &HandledKey) -> Result<bool, HandledError> {
        self.prune(Instant::now());
        Ok(self.known.contains(key))
    }

    fn record(&mut self, keys: &[HandledKey]) -> Result<(), HandledError> {
        let now = Instant::now();
        for key in keys {
            if self.known.insert(key.clone()) {
                self.oldest.push_back((now, key.clone()));
            }
        }
        self.prune(now);
        Ok(())
    }

    fn is_durable(&self) -> bool {
        false
    }
}
