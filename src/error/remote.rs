//! An error of a remote peer that is not the service's own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An error that a remote peer answered with and that does not fit the service's own error type: NestJS's
/// `{"status":"error","message":"Internal server error"}`, say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("`{pattern}` failed remotely: {}", self.message())]
#[non_exhaustive]
pub struct RemoteError {
    /// The pattern that was sent.
    pub pattern: String,
    /// The error, as it came.
    pub error: Value,
}

impl RemoteError {
    /// What a peer answered to `pattern`.
    #[must_use]
    pub fn new(pattern: String, error: Value) -> Self {
        Self { pattern, error }
    }

    /// What it says: the `message` of an object that has one, a string as it is, anything else as JSON.
    #[must_use]
    pub fn message(&self) -> String {
        match self.error.get("message").unwrap_or(&self.error) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}
