//! An event that was not sent.

use std::fmt;

/// An event that a [`TcpClient`](super::TcpClient) could not take, with the event itself, so that its owner can keep
/// it or try again.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsent<E> {
    /// The event, as it was given.
    pub event: E,
    /// Why it was not taken, naming the pattern and the peer.
    pub reason: String,
}

impl<E> Unsent<E> {
    /// The event.
    #[must_use]
    pub fn into_event(self) -> E {
        self.event
    }
}

impl<E> fmt::Display for Unsent<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// The event need not be printable: an error that is unwrapped shows its reason.
impl<E> fmt::Debug for Unsent<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl<E> std::error::Error for Unsent<E> {}
