//! Replays: an event that failed goes once more to the subscription that failed.

mod many;
mod one;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::{Interval, MissedTickBehavior};

use super::record::{DeadLetter, Status};
use super::store::StoreError;
use crate::metadata::Id;
pub(super) use many::many;
pub(super) use one::{UnderWay, one};

/// How a replay reaches its subscription.
pub(crate) trait Redeliver: Send + Sync + 'static {
    /// Gives the letter's event to the subscription of the letter's service, waiting for room.
    fn redeliver(&self, letter: Arc<DeadLetter>) -> BoxFuture<'static, Redelivery>;
}

/// What came of a redelivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Redelivery {
    /// The handler took it.
    Handled,
    /// The handler failed, and the event has been buried again.
    Failed,
    /// It never reached a handler, and why.
    NotTaken(String),
}

/// Who hears of letters once they are stored.
pub(crate) trait Announce: Send + Sync + 'static {
    fn announce(&self, letter: &Arc<DeadLetter>);
}

/// What came of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replayed {
    /// The handler took the event: the letter is resolved.
    Handled,
    /// The handler failed again: the letter is new, tells of this failure, and its replay count is raised.
    Failed,
}

/// Why a letter was not replayed or discarded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// There is no such letter.
    #[error("there is no dead letter `{id}`")]
    Unknown {
        /// The id that was asked for.
        id: Id,
    },
    /// The letter is resolved or discarded, or another replay has it.
    #[error("dead letter `{id}` is {status}: only a new one can be replayed or discarded")]
    NotNew {
        /// The letter.
        id: Id,
        /// What has become of it.
        status: Status,
    },
    /// The event did not reach its subscription; the letter is as it was.
    #[error("dead letter `{id}` could not be delivered to its service: {problem}")]
    NotTaken {
        /// The letter.
        id: Id,
        /// What stood in the way.
        problem: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The node has shut down.
    #[error("the node has shut down, and replays no dead letters")]
    Closed,
}

/// How many letters are replayed in which time.
///
/// ```
/// use nestling::ReplayOptions;
///
/// let gently = ReplayOptions::new().per_second(50);
/// # let _ = gently;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct ReplayOptions {
    per_second: Option<NonZeroU32>,
    at_once: usize,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self { per_second: None, at_once: 1 }
    }
}

impl ReplayOptions {
    /// One letter after the other, as fast as they are handled.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most `rate` letters a second, evenly spread. 0 is taken as 1.
    pub fn per_second(self, rate: u32) -> Self {
        Self { per_second: Some(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN)), ..self }
    }

    /// Up to `letters` at once, which then may overtake one another. 0 is taken as 1.
    pub fn at_once(self, letters: usize) -> Self {
        Self { at_once: letters.max(1), ..self }
    }

    fn pace(self) -> Option<Interval> {
        self.per_second.map(|rate| {
            let mut pace = tokio::time::interval(Duration::from_secs(1) / rate.get());
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pace
        })
    }
}

/// What came of [`replay_matching`](crate::DeadLetters::replay_matching).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct ReplayReport {
    /// Letters that are resolved.
    pub handled: u64,
    /// Letters that failed again.
    pub failed: u64,
    /// Letters that did not reach their subscription and are as they were.
    pub not_taken: u64,
    /// Letters that someone else replayed or discarded in the meantime.
    pub skipped: u64,
    /// What ended the replay before all letters had their turn.
    pub error: Option<ReplayError>,
}

impl ReplayReport {
    fn add(&mut self, result: Result<Replayed, ReplayError>) {
        match result {
            Ok(Replayed::Handled) => self.handled += 1,
            Ok(Replayed::Failed) => self.failed += 1,
            Err(ReplayError::NotTaken { .. }) => self.not_taken += 1,
            Err(ReplayError::NotNew { .. } | ReplayError::Unknown { .. }) => self.skipped += 1,
            Err(error @ (ReplayError::Store(_) | ReplayError::Closed)) => self.error = Some(error),
        }
    }
}
