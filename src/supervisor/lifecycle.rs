//! What becomes of services, told to whoever the node hands in.

use std::sync::Arc;

/// What happened to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Started,
    Restarted { reason: String, restarts: u64 },
    Failed { reason: String },
    Stopped,
}

/// Is told of every change.
pub(crate) type Lifecycle = Arc<dyn Fn(&str, Change) + Send + Sync>;
