//! Why a request has no response.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RemoteError;

/// Why a request has no response. `E` is the service's own error type.
///
/// It is serialisable and owns all it says, so it can be logged, stored or passed on. Every variant but
/// [`Handler`](Self::Handler), which is the service's own word, names the pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestError<E> {
    /// The handler's own typed error.
    #[error("{0}")]
    Handler(E),
    /// No service of the node handles the pattern.
    #[error("no service handles `{pattern}`: add one that lists it in `Service::patterns`")]
    NoHandler {
        /// The pattern that was sent.
        pattern: String,
    },
    /// No response came in time; the request was dropped, or its handler cancelled where it could be.
    #[error("`{pattern}` was not answered within {after:?}")]
    Timeout {
        /// The pattern that was sent.
        pattern: String,
        /// How long was waited.
        after: Duration,
    },
    /// The handler panicked.
    #[error("the handler of `{pattern}` in service `{service}` panicked: {message}")]
    Panicked {
        /// The pattern that was sent.
        pattern: String,
        /// The service whose handler it was.
        service: String,
        /// What it panicked with.
        message: String,
    },
    /// The handler dropped the request without a response.
    #[error("the handler of `{pattern}` in service `{service}` dropped the request without an answer")]
    Unanswered {
        /// The pattern that was sent.
        pattern: String,
        /// The service whose handler it was.
        service: String,
    },
    /// The service has been given up or shut down, or there is no node at all.
    #[error("`{pattern}` cannot be served: {reason}")]
    Unavailable {
        /// The pattern that was sent.
        pattern: String,
        /// What is not there any more.
        reason: String,
    },
    /// The service has as many requests waiting as it may.
    #[error(
        "service `{service}` has {bound} requests waiting and takes no more `{pattern}`: try again later"
    )]
    Overloaded {
        /// The pattern that was sent.
        pattern: String,
        /// The service whose request lane is full.
        service: String,
        /// How many may wait.
        bound: usize,
    },
    /// The payload was refused by the pattern's `validate`; or what was sent by `send_json` is no pattern.
    #[error("`{pattern}` was refused: {message}")]
    Invalid {
        /// The pattern that was sent.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// The payload cannot be written as JSON, or not put on the wire: its `Serialize` failed or panicked, a header is
    /// none, or it is too large. Nothing was sent.
    #[error("`{pattern}` was not sent: {message}")]
    Encode {
        /// The pattern that was to be sent.
        pattern: String,
        /// What cannot be written.
        message: String,
    },
    /// The payload, or the response, does not fit its type.
    #[error("`{pattern}` could not be decoded: {message}")]
    Decode {
        /// The pattern that was sent.
        pattern: String,
        /// What does not fit, naming the field.
        message: String,
    },
    /// A remote peer answered with an error that does not fit `E`.
    #[error(transparent)]
    Remote(RemoteError),
    /// The connection to a remote peer failed.
    #[error("`{pattern}` could not be sent: {message}")]
    Transport {
        /// The pattern that was sent.
        pattern: String,
        /// What happened to the connection.
        message: String,
    },
}

impl<E> RequestError<E> {
    /// The service's own error, if it is one.
    pub fn into_handler_error(self) -> Option<E> {
        match self {
            Self::Handler(error) => Some(error),
            _ => None,
        }
    }

    /// The same error with the service's own error converted.
    pub fn map_handler<F>(self, convert: impl FnOnce(E) -> F) -> RequestError<F> {
        match self {
            Self::Handler(error) => RequestError::Handler(convert(error)),
            Self::NoHandler { pattern } => RequestError::NoHandler { pattern },
            Self::Timeout { pattern, after } => RequestError::Timeout { pattern, after },
            Self::Panicked { pattern, service, message } => {
                RequestError::Panicked { pattern, service, message }
            }
            Self::Unanswered { pattern, service } => RequestError::Unanswered { pattern, service },
            Self::Unavailable { pattern, reason } => RequestError::Unavailable { pattern, reason },
            Self::Overloaded { pattern, service, bound } => {
                RequestError::Overloaded { pattern, service, bound }
            }
            Self::Invalid { pattern, message } => RequestError::Invalid { pattern, message },
            Self::Encode { pattern, message } => RequestError::Encode { pattern, message },
            Self::Decode { pattern, message } => RequestError::Decode { pattern, message },
            Self::Remote(error) => RequestError::Remote(error),
            Self::Transport { pattern, message } => RequestError::Transport { pattern, message },
        }
    }
}
