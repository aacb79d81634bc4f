//! The node's own events. They can be subscribed to like any other, and never leave the process.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::EventPattern;
use crate::client::Client;
use crate::dead_letter::DeadLetter;
use crate::supervisor::Change;

/// A service has been started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("$service.started", reserved, internal)]
pub struct ServiceStarted {
    /// The service.
    pub service: String,
}

/// A service has been restarted after a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("$service.restarted", reserved, internal)]
pub struct ServiceRestarted {
    /// The service.
    pub service: String,
    /// The failure: a dead letter's reason, and the error.
    pub reason: String,
    /// How many times it has been restarted.
    pub restarts: u64,
}

/// A service has failed too often and has been given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("$service.failed", reserved, internal)]
pub struct ServiceFailed {
    /// The service.
    pub service: String,
    /// The last failure.
    pub reason: String,
}

/// A service has stopped, with its node or with its subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("$service.stopped", reserved, internal)]
pub struct ServiceStopped {
    /// The service.
    pub service: String,
}

/// A dead letter has been stored. A handler of this event that fails is logged and counted, and is never a dead
/// letter again.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("$dead_letter", reserved, internal)]
pub struct DeadLettered {
    /// The record.
    pub letter: Arc<DeadLetter>,
}

/// Emits what has become of a service.
pub(super) fn announce(client: &Client, service: &str, change: Change) {
    let service = service.to_owned();
    match change {
        Change::Started => client.emit(ServiceStarted { service }),
        Change::Restarted { reason, restarts } => client.emit(ServiceRestarted { service, reason, restarts }),
        Change::Failed { reason } => client.emit(ServiceFailed { service, reason }),
        Change::Stopped => client.emit(ServiceStopped { service }),
    }
}
