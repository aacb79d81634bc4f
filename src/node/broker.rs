//! The node's broker: connected before a service runs, so that what the first emits reaches the others too; it serves when
//! all do.

use std::sync::Arc;
use std::time::Duration;

use super::registered::Prepared;
use super::{Node, StartError};
use crate::dead_letter::Sink;
use crate::routes::RouteTable;
use crate::service::DeclaredEvent;
use crate::supervisor::Inbox;
use crate::transport::nats::{self, Connected, Nats, NotConnected};

/// What the broker cannot carry.
pub(super) fn problems(routes: &RouteTable, services: &[Prepared]) -> Vec<String> {
    nats::problems(routes, services.iter().map(|service| (&*service.name, &service.events[..])))
}

/// Connects.
///
/// # Errors
///
/// [`StartError::Nats`], after a finite time.
pub(super) async fn connect(node: &str, nats: &Nats, sink: &Sink) -> Result<Connected, StartError> {
    Connected::new(nats, node, sink.clone()).await.map_err(|error| not_connected(node, error))
}

/// Serves the node's message patterns, and makes its services known.
///
/// # Errors
///
/// If the connection has ended already.
pub(super) async fn serve(node: &mut Node, version: &str) -> Result<(), StartError> {
    let services = node.services.names();
    let Some(broker) = &mut node.broker else { return Ok(()) };
    broker.serve(&node.core, &services, version).await.map_err(|error| not_connected(&node.core.name, error))
}

fn not_connected(node: &str, error: NotConnected) -> StartError {
    StartError::Nats { node: node.to_owned(), server: error.server, reason: error.reason }
}

impl Node {
    /// Subscribes a service at the broker.
    pub(super) fn subscribe_at_broker(&self, inbox: &Arc<Inbox>, events: &[DeclaredEvent]) {
        if let Some(broker) = &self.broker {
            broker.subscribe(&self.core.routes, inbox, events);
        }
    }

    /// Takes nothing more from the broker, and delivers what has come.
    pub(super) async fn stop_broker_intake(&mut self, limit: Duration) {
        if let Some(broker) = &mut self.broker {
            broker.stop_intake(limit).await;
        }
    }

    /// Lets what came from the broker be answered.
    pub(super) async fn answer_broker(&mut self, limit: Duration) {
        if let Some(broker) = &mut self.broker {
            broker.answer(limit).await;
        }
    }

    /// Sends what waits for the broker, and closes the connection.
    pub(super) async fn close_broker(&mut self, limit: Duration) {
        if let Some(mut broker) = self.broker.take() {
            broker.close(limit).await;
        }
    }
}
