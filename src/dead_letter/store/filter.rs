//! Which dead letters are meant.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::dead_letter::millis;
use crate::dead_letter::reason::Reason;
use crate::dead_letter::record::{DeadLetter, Status};
use crate::metadata::Id;

/// Which dead letters are meant: those that have everything that is set. The default means all.
///
/// ```
/// use nestling::{Filter, Reason, Status};
///
/// let filter = Filter::new().service("notifications").reason(Reason::Panic).status(Status::New).limit(20);
/// assert_eq!(filter.service.as_deref(), Some("notifications"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// The service that could not handle it.
    pub service: Option<String>,
    /// The event's route.
    pub route: Option<String>,
    /// Why it is here.
    pub reason: Option<Reason>,
    /// What has become of it.
    pub status: Option<Status>,
    /// The failure's fingerprint.
    pub fingerprint: Option<String>,
    /// The event's id.
    pub event_id: Option<Id>,
    /// The event's correlation id.
    pub correlation_id: Option<Id>,
    /// Failed last at this millisecond or later.
    pub since: Option<SystemTime>,
    /// Failed last before this millisecond.
    pub until: Option<SystemTime>,
    /// A part of the error's type or message; ASCII letters match in either case.
    pub text: Option<String>,
    /// The order.
    pub order: Order,
    /// Only those that come after the letter with this id, in that order.
    pub after: Option<Id>,
    /// At most this many letters (or groups).
    pub limit: Option<usize>,
}

/// The order in which letters were first recorded, either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The newest letter first.
    #[default]
    NewestFirst,
    /// The oldest letter first.
    OldestFirst,
}

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The letters, in the filter's order.
    pub letters: Vec<DeadLetter>,
    /// If there are more: what to give to [`Filter::after`] for the next page.
    pub next: Option<Id>,
}

/// Letters with the same fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What they have in common.
    pub fingerprint: String,
    /// The service that could not handle them.
    pub service: String,
    /// Why they are here.
    pub reason: Reason,
    /// The type of the error.
    pub error_type: String,
    /// The error's message in the newest of them.
    pub error_message: String,
    /// How many they are.
    pub count: u64,
    /// When the first of them failed first.
    #[serde(with = "millis")]
    pub first_failed_at: SystemTime,
    /// When the last of them failed last.
    #[serde(with = "millis")]
    pub last_failed_at: SystemTime,
}

impl Filter {
    /// How many letters a page has if no limit is set.
    pub const DEFAULT_PAGE: usize = 100;

    /// All letters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those of this service.
    #[must_use]
    pub fn service(self, service: impl Into<String>) -> Self {
        Self { service: Some(service.into()), ..self }
    }

    /// Only events on this route.
    #[must_use]
    pub fn route(self, route: impl Into<String>) -> Self {
        Self { route: Some(route.into()), ..self }
    }

    /// Only those with this reason.
    #[must_use]
    pub fn reason(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Only those with this status.
    #[must_use]
    pub fn status(self, status: Status) -> Self {
        Self { status: Some(status), ..self }
    }

    /// Only those with this fingerprint.
    #[must_use]
    pub fn fingerprint(self, fingerprint: impl Into<String>) -> Self {
        Self { fingerprint: Some(fingerprint.into()), ..self }
    }

    /// Only those of this event: one for each service that could not handle it.
    #[must_use]
    pub fn event_id(self, event_id: impl Into<Id>) -> Self {
        Self { event_id: Some(event_id.into()), ..self }
    }

    /// Only those of events with this correlation id.
    #[must_use]
    pub fn correlation_id(self, correlation_id: impl Into<Id>) -> Self {
        Self { correlation_id: Some(correlation_id.into()), ..self }
    }

    /// Only those that failed last at this millisecond or later.
    #[must_use]
    pub fn since(self, since: SystemTime) -> Self {
        Self { since: Some(since), ..self }
    }

    /// Only those that failed last before this millisecond.
    #[must_use]
    pub fn until(self, until: SystemTime) -> Self {
        Self { until: Some(until), ..self }
    }

    /// Only those whose error's type or message contains `text`; ASCII letters match in either case.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// The oldest letter first. The default is the newest first.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        Self { order: Order::OldestFirst, ..self }
    }

    /// Only those that come after the letter with this id: the next page.
    #[must_use]
    pub fn after(self, id: impl Into<Id>) -> Self {
        Self { after: Some(id.into()), ..self }
    }

    /// At most this many letters; for [`groups`](crate::DeadLetters::groups), at most this many groups.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Whether `letter` is meant, its place in the order included, the limit not.
    #[must_use]
    pub fn matches(&self, letter: &DeadLetter) -> bool {
        fn is<T: PartialEq + ?Sized>(wanted: Option<&T>, found: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        let failed_at = millis::of(letter.failed_at);
        is(self.service.as_deref(), letter.service.as_str())
            && is(self.route.as_deref(), letter.route.as_str())
            && is(self.reason.as_ref(), &letter.reason)
            && is(self.status.as_ref(), &letter.status)
            && is(self.fingerprint.as_deref(), letter.fingerprint.as_str())
            && is(self.event_id.as_ref(), &letter.event_id)
            && is(self.correlation_id.as_ref(), &letter.correlation_id)
            && self.since.is_none_or(|since| failed_at >= millis::of(since))
            && self.until.is_none_or(|until| failed_at < millis::of(until))
            && self.text.as_deref().is_none_or(|text| {
                contains(&letter.error_message, text) || contains(&letter.error_type, text)
            })
            && self.after.as_ref().is_none_or(|after| match self.order {
                Order::NewestFirst => letter.id < *after,
                Order::OldestFirst => letter.id > *after,
            })
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}

impl Page {
    /// A page of at most `limit` of these letters; if there are more, `next` names the page's last.
    #[must_use]
    pub fn of(letters: impl IntoIterator<Item = DeadLetter>, limit: usize) -> Self {
        let mut rest = letters.into_iter();
        let letters: Vec<_> = rest.by_ref().take(limit).collect();
        let next = if rest.next().is_some() { letters.last().map(|last| last.id.clone()) } else { None };
        Self { letters, next }
    }
}

impl IntoIterator for Page {
    type Item = DeadLetter;
    type IntoIter = std::vec::IntoIter<DeadLetter>;

    fn into_iter(self) -> Self::IntoIter {
        self.letters.into_iter()
    }
}
