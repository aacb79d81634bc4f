//! The record of one dead letter.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::reason::{Reason, UnknownName};
use crate::metadata::{Headers, Id};
use crate::pattern::Route;

/// The full record of an event that a subscription could not handle.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The record's own id, a UUIDv7.
    pub id: Id,
    /// The id of the event. With `service`, `subscription` and `route` it is unique.
    pub event_id: Id,
    /// The route that the event was emitted on.
    pub route: Route,
    /// The payload, verbatim; `null` where it could not be serialised.
    pub payload: Box<RawValue>,
    /// The service that could not handle it; empty where nobody subscribed.
    pub service: String,
    /// The pattern of the subscription, as the service declares it; empty where nobody subscribed.
    pub subscription: String,
    /// Why it is here.
    pub reason: Reason,
    /// The type of the error.
    pub error_type: String,
    /// The error's message, at most 16 KiB.
    pub error_message: String,
    /// The messages of the error's causes, nearest first.
    pub error_chain: Vec<String>,
    /// Where the handler panicked: `file:line:column`.
    pub panic_location: Option<String>,
    /// How many attempts its last delivery had: 0 if it never reached a handler.
    pub attempts: u32,
    /// The last ten of them, oldest first.
    pub attempt_log: Vec<Attempt>,
    /// When the event was emitted.
    #[serde(with = "super::millis")]
    pub emitted_at: SystemTime,
    /// When its first attempt failed.
    #[serde(with = "super::millis")]
    pub first_failed_at: SystemTime,
    /// When its last attempt failed.
    #[serde(with = "super::millis")]
    pub failed_at: SystemTime,
    /// The event's headers.
    pub headers: Headers,
    /// The event's correlation id.
    pub correlation_id: Id,
    /// The event's causation id.
    pub causation_id: Option<Id>,
    /// The W3C trace context that the event carried.
    pub traceparent: Option<String>,
    /// The node's name.
    pub node: String,
    /// The machine's name.
    pub host: String,
    /// The process's id.
    pub pid: u32,
    /// The application's version, as the node's builder was told; else this crate's.
    pub version: String,
    /// The same for failures that are alike: service, reason, and the error's type and shape.
    pub fingerprint: String,
    /// What has become of it.
    pub status: Status,
    /// How many replays have reached a handler.
    pub replay_count: u32,
}

/// One failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When it failed.
    #[serde(with = "super::millis")]
    pub at: SystemTime,
    /// How long the subscription then waited before the next one; zero for the last.
    #[serde(with = "super::delay_millis")]
    pub delay: Duration,
    /// The error's message.
    pub error: String,
}

/// What has become of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for someone to look.
    New,
    /// A replay has claimed it.
    Replaying,
    /// A replay was handled.
    Resolved,
    /// Someone decided that it can go.
    Discarded,
}

impl Status {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::New, Self::Replaying, Self::Resolved, Self::Discarded];

    /// Its name in records and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Replaying => "replaying",
            Self::Resolved => "resolved",
            Self::Discarded => "discarded",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text).ok_or_else(|| UnknownName::new(text))
    }
}
