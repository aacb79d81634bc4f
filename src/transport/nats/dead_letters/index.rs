//! Which letter is on which subject: subjects are made of the event, and users ask by the letter's id.

use std::collections::HashMap;
use std::sync::Arc;

use crate::metadata::Id;

/// What is known of the stream up to a message.
#[derive(Debug, Default)]
pub(super) struct Index {
    subjects: HashMap<Id, Arc<str>>,
    /// All up to here has been looked at.
    seen: u64,
}

impl Index {
    pub(super) fn subject(&self, id: &Id) -> Option<Arc<str>> {
        self.subjects.get(id).cloned()
    }

    pub(super) fn add(&mut self, id: Id, subject: &str) {
        self.subjects.entry(id).or_insert_with(|| Arc::from(subject));
    }

    /// The letter has gone: the stream's limits, or somebody's hand.
    pub(super) fn remove(&mut self, id: &Id) {
        self.subjects.remove(id);
    }

    /// The first message that has not been looked at, of a stream whose last one is `last`.
    pub(super) fn new_from(&mut self, last: u64) -> u64 {
        if last < self.seen {
            // Somebody has made the stream anew.
            *self = Self::default();
        }
        self.seen + 1
    }

    pub(super) fn has_seen(&mut self, sequence: u64) {
        self.seen = self.seen.max(sequence);
    }
}
