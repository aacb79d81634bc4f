//! What is asked of a store.

use crate::dead_letter::record::{DeadLetter, Status};
use crate::metadata::Id;

/// One change of a store.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Change {
    /// Keep this letter, or replace the one with the same (event id, service, subscription, route).
    Record(Box<DeadLetter>),
    /// A replay has ended. See [`DeadLetter::settle`].
    Settle {
        /// The letter that was replayed.
        id: Id,
        /// Its replay count when the replay claimed it. If it differs now, the change is void: the letter
        /// has been recorded again since, and may be another replay's by now.
        replay_count: u32,
        /// How the replay ended.
        ended: Ended,
    },
}

/// How a replay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// The handler took it: the letter is resolved.
    Handled,
    /// The handler failed again: the letter is new, its replay count raised.
    Failed,
    /// It never reached a handler: the letter is new, and the replay does not count.
    NotTaken,
}

/// What came of [`turn`](super::DeadLetterStore::turn).
#[derive(Debug, Clone)]
pub enum Turned {
    /// The letter, with its new status.
    Turned(Box<DeadLetter>),
    /// It has another status than the one asked for, and keeps it.
    Is(Status),
    /// There is no such letter.
    Unknown,
}

impl DeadLetter {
    /// Makes this letter the continuation of `earlier`, a stored letter of the same event, service and route:
    /// it takes over the id, the first failure and the replay count, which is raised if a replay was under way.
    /// For implementations of [`DeadLetterStore`](super::DeadLetterStore).
    pub fn continues(&mut self, earlier: &Self) {
        self.id = earlier.id.clone();
        self.first_failed_at = earlier.first_failed_at;
        self.replay_count = earlier.replay_count + u32::from(earlier.status == Status::Replaying);
        self.status = Status::New;
    }

    /// Ends a replay that claimed this letter when its replay count was `replay_count`. Nothing happens if the
    /// letter has been recorded again since. For implementations of [`DeadLetterStore`](super::DeadLetterStore).
    pub fn settle(&mut self, replay_count: u32, ended: Ended) {
        if self.status != Status::Replaying || self.replay_count != replay_count {
            return;
        }
        let (status, counts) = ended.becomes();
        self.status = status;
        self.replay_count += counts;
    }
}

impl Ended {
    /// The letter's next status, and by how much its replay count rises.
    pub(super) fn becomes(self) -> (Status, u32) {
        match self {
            Self::Handled => (Status::Resolved, 1),
            Self::Failed => (Status::New, 1),
            Self::NotTaken => (Status::New, 0),
        }
    }
}
