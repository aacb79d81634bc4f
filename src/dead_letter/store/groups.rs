//! Letters by fingerprint, for stores that count for themselves.

use std::collections::BTreeMap;

use super::Group;
use crate::dead_letter::record::DeadLetter;
use crate::metadata::Id;

/// Counts letters by fingerprint, in whatever order they come.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// With the newest letter's id, which says what the error was.
    groups: BTreeMap<String, (Id, Group)>,
}

impl Groups {
    pub(crate) fn add(&mut self, letter: &DeadLetter) {
        let Some((newest, group)) = self.groups.get_mut(&letter.fingerprint) else {
            self.groups.insert(letter.fingerprint.clone(), (letter.id.clone(), group_of(letter)));
            return;
        };
        let earlier = group.clone();
        if *newest < letter.id {
            *newest = letter.id.clone();
            *group = group_of(letter);
        }
        group.count = earlier.count + 1;
        group.first_failed_at = earlier.first_failed_at.min(letter.first_failed_at);
        group.last_failed_at = earlier.last_failed_at.max(letter.failed_at);
    }

    pub(crate) fn into_largest_first(self, limit: Option<usize>) -> Vec<Group> {
        let mut groups: Vec<_> = self.groups.into_values().map(|(_, group)| group).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups.truncate(limit.unwrap_or(usize::MAX));
        groups
    }
}

fn group_of(letter: &DeadLetter) -> Group {
    Group {
        fingerprint: letter.fingerprint.clone(),
        service: letter.service.clone(),
        reason: letter.reason,
        error_type: letter.error_type.clone(),
        error_message: letter.error_message.clone(),
        count: 1,
        first_failed_at: letter.first_failed_at,
        last_failed_at: letter.failed_at,
    }
}
