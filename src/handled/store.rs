//! Where handled events are kept.

use std::any::Any;
use std::sync::Arc;

use super::error::HandledError;
use crate::metadata::Id;

/// One event in one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct HandledKey {
    /// The event's id.
    pub event_id: Id,
    /// The name of the node. Nodes of the same name are instances of one application.
    pub node: Arc<str>,
    /// The service that handled it.
    pub service: Arc<str>,
    /// The pattern of the subscription, as the service declares it.
    pub subscription: Arc<str>,
}

impl HandledKey {
    /// Event `event_id` in the subscription to `subscription` of a node's service.
    #[must_use]
    pub fn new(event_id: Id, node: &str, service: &str, subscription: &str) -> Self {
        Self { event_id, node: node.into(), service: service.into(), subscription: subscription.into() }
    }
}

/// Which events have been handled: [`MemoryHandled`](crate::MemoryHandled), `SqliteHandled`, or your own.
///
/// It lives on a thread of its own, so its methods may block. It must remember an event for longer than a broker may
/// deliver it again.
pub trait HandledStore: Any + Send {
    /// Whether the event has been recorded.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn contains(&mut self, key: &HandledKey) -> Result<bool, HandledError>;

    /// Records all these events, or none of them; one that is there already stays as it is. When it returns `Ok` they
    /// are as durable as the store can make them.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    fn record(&mut self, keys: &[HandledKey]) -> Result<(), HandledError>;

    /// Whether what is recorded outlives the process.
    fn is_durable(&self) -> bool {
        true
    }
}
