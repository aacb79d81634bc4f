//! Why an event handler failed.

use std::any::type_name;
use std::error::Error;
use std::fmt;

/// Why an event handler failed. Made by `?` from any error type, by [`EventError::msg`], or by
/// [`EventError::permanent`] where no retry can help.
///
/// Like `anyhow::Error` it does not implement [`Error`] itself, so that `?` can convert every error into it;
/// it converts into `Box<dyn Error + Send + Sync>`.
///
/// ```
/// use nestling::EventError;
///
/// fn parse(text: &str) -> Result<u32, EventError> {
///     Ok(text.parse::<u32>()?)
/// }
///
/// let error = parse("seven").unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// assert!(!error.is_permanent());
///
/// // Text alone is no error type: say `msg`, not `Err("..".into())`.
/// let error = EventError::msg("the mail server is down");
/// assert_eq!(error.to_string(), "the mail server is down");
/// ```
pub struct EventError {
    error: Box<dyn Error + Send + Sync>,
    /// The name of the error's type, taken while it was known.
    type_name: &'static str,
    permanent: bool,
}

impl EventError {
    /// An error that is only a message.
    #[must_use]
    pub fn msg(message: impl Into<String>) -> Self {
        Self { error: message.into().into(), type_name: "message", permanent: false }
    }

    /// An error that no retry can mend: the remaining retries are skipped.
    #[must_use]
    pub fn permanent<E: Into<Self>>(error: E) -> Self {
        Self { permanent: true, ..error.into() }
    }

    /// Whether the remaining retries are skipped.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// The name of the error's type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The messages of the error's causes, nearest first.
    #[must_use]
    pub fn chain(&self) -> Vec<String> {
        std::iter::successors(self.error.source(), |cause| (*cause).source())
            .map(ToString::to_string)
            .collect()
    }

    /// The error itself, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for EventError {
    fn from(error: E) -> Self {
        Self { error: Box::new(error), type_name: type_name::<E>(), permanent: false }
    }
}

impl From<EventError> for Box<dyn Error + Send + Sync> {
    fn from(error: EventError) -> Self {
        error.error
    }
}

impl fmt::Debug for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventError")
            .field("error", &self.error)
            .field("type_name", &self.type_name)
            .field("permanent", &self.permanent)
            .finish()
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}
