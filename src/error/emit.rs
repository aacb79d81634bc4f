//! Why a confirmed emit failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why [`Client::emit_confirmed`](crate::Client::emit_confirmed) failed. The failure belongs to the caller:
/// it is not also a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EmitError {
    /// Not every subscriber had room in time. Those that had it have taken the event.
    #[error(
        "`{pattern}` was taken by {taken} of {subscribers} subscribers within {after:?}: the others have no room"
    )]
    Timeout {
        /// The pattern that was emitted.
        pattern: String,
        /// How long was waited.
        after: Duration,
        /// How many subscribers have taken the event.
        taken: usize,
        /// How many subscribers there were.
        subscribers: usize,
    },
    /// A subscriber was given up or unsubscribed while the event waited for its lane.
    #[error("`{pattern}` was taken by {taken} of {subscribers} subscribers: the others have stopped")]
    Stopped {
        /// The pattern that was emitted.
        pattern: String,
        /// How many subscribers have taken the event.
        taken: usize,
        /// How many subscribers there were.
        subscribers: usize,
    },
    /// The broker has not confirmed it in time. It may have taken the event.
    #[error("`{pattern}` was not confirmed by the broker within {after:?}: it may be there or not")]
    Unconfirmed {
        /// The pattern that was emitted.
        pattern: String,
        /// How long was waited.
        after: Duration,
    },
    /// The event cannot be sent, or the broker has refused it.
    #[error("`{pattern}` was not taken by the broker: {reason}")]
    Unreachable {
        /// The pattern that was emitted.
        pattern: String,
        /// What is wrong.
        reason: String,
    },
    /// The node has shut down, or there is no node at all.
    #[error("`{pattern}` cannot be emitted: {reason}")]
    Unavailable {
        /// The pattern that was emitted.
        pattern: String,
        /// What is not there any more.
        reason: String,
    },
}
