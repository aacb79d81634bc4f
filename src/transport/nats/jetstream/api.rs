//! Requests to the server's JetStream API.

use async_nats::jetstream::context::{Context, RequestErrorKind};
use async_nats::jetstream::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Codes of the server's errors: <https://github.com/nats-io/nats-server/blob/main/server/errors.json>.
pub(super) mod code {
    pub(in super::super) const NOT_ENABLED: u64 = 10_076;
    pub(in super::super) const NOT_ENABLED_FOR_ACCOUNT: u64 = 10_039;
    pub(in super::super) const STREAM_NOT_FOUND: u64 = 10_059;
    pub(in super::super) const STREAM_NAME_IN_USE: u64 = 10_058;
    pub(in super::super) const SUBJECTS_OVERLAP: u64 = 10_065;
}

/// Why the API did not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("the server has JetStream not enabled; start it with `--jetstream`, or a `jetstream {{}}` block")]
    NotEnabled,
    #[error("the server did not answer in time")]
    TimedOut,
    #[error("{text}")]
    Refused { code: u64, text: String },
    #[error("the request failed: {0}")]
    Failed(String),
}

impl ApiError {
    pub(super) fn is(&self, wanted: u64) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == wanted)
    }
}

/// Asks the API.
///
/// # Errors
///
/// If it refuses, cannot be reached, or answers something else.
pub(super) async fn ask<T: DeserializeOwned>(
    context: &Context,
    subject: String,
    request: &(impl Serialize + Sync),
) -> Result<T, ApiError> {
    match context.request::<_, _, Response<T>>(subject, request).await {
        Ok(Response::Ok(answer)) => Ok(answer),
        Ok(Response::Err { error }) => Err(match error.error_code().0 {
            code::NOT_ENABLED | code::NOT_ENABLED_FOR_ACCOUNT => ApiError::NotEnabled,
            code => ApiError::Refused { code, text: error.to_string() },
        }),
        Err(error) => Err(match error.kind() {
            RequestErrorKind::NoResponders => ApiError::NotEnabled,
            RequestErrorKind::TimedOut => ApiError::TimedOut,
            RequestErrorKind::InvalidSubject | RequestErrorKind::Other => ApiError::Failed(error.to_string()),
        }),
    }
}
