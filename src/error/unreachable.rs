//! Why an event did not reach another process.

/// An event could not be sent to a peer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it could not be sent to {peer}: {reason}")]
pub(crate) struct Unreachable {
    pub(crate) peer: String,
    pub(crate) reason: String,
}
