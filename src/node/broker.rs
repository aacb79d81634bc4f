//! The node's broker: connected before a service runs, so that what the first emits reaches the others too; it serves when
//! all do.

use std::sync::Arc;
use std::time::Duration;

use super::registered::Prepared;
use super::{Node, StartError};
use crate::dead_letter::{DeadLetters, Sink};
use crate::handled::Handled;
use crate::routes::RouteTable;
use crate::service::DeclaredEvent;
use crate::supervisor::Inbox;
use crate::transport::nats::{self, Connected, JetStreamError, Nats, NotConnected, Stream};

/// What the broker cannot carry.
pub(super) fn problems(routes: &RouteTable, services: &[Prepared], streams: &[Stream]) -> Vec<String> {
    nats::problems(routes, services.iter().map(|service| (&*service.name, &service.events[..])), streams)
}

/// What is wrong with durable streams where there is no broker.
pub(super) fn unconnected(streams: &[Stream]) -> Vec<String> {
    let problem = |stream: &Stream| {
        let name = &stream.name;
        format!("the durable stream `{name}` is on a NATS server: name one with `.connect(Nats::url(..))`")
    };
    streams.iter().map(problem).collect()
}

/// What durable events are made with.
pub(super) struct With<'a> {
    pub(super) streams: Vec<Stream>,
    pub(super) dead_letters: &'a DeadLetters,
    pub(super) handled: &'a Handled,
}

/// Connects.
///
/// # Errors
///
/// [`StartError::Nats`], after a finite time; [`StartError::Durable`].
pub(super) async fn connect(
    node: &str,
    nats: &Nats,
    sink: &Sink,
    with: With<'_>,
) -> Result<Connected, StartError> {
    let With { streams, dead_letters, handled } = with;
    let mut connected =
        Connected::new(nats, node, sink.clone()).await.map_err(|error| not_connected(node, error))?;
    if !streams.is_empty() {
        let durable =
            connected.make_durable(nats, streams, sink.clone(), dead_letters.clone(), handled.clone());
        durable.await.map_err(|error| not_durable(node, &error))?;
    }
    Ok(connected)
}

/// Feeds the services' durable subscriptions.
///
/// # Errors
///
/// [`StartError::Durable`].
pub(super) async fn feed(node: &Node) -> Result<(), StartError> {
    let Some(broker) = &node.broker else { return Ok(()) };
    for (inbox, events) in node.services.all() {
        let fed = broker.feed(&inbox, &events).await;
        fed.map_err(|error| not_durable(&node.core.name, &error))?;
    }
    Ok(())
}

fn not_durable(node: &str, error: &JetStreamError) -> StartError {
    StartError::Durable { node: node.to_owned(), reason: error.to_string() }
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
    /// Subscribes a service at the broker. What is durable of a service of the start is fed when all services run.
    pub(super) fn subscribe_at_broker(
        &self,
        inbox: &Arc<Inbox>,
        events: &[DeclaredEvent],
        at_run_time: bool,
    ) {
        if let Some(broker) = &self.broker {
            broker.subscribe(&self.core.routes, inbox, events);
            if at_run_time {
                broker.feed_later(inbox, events);
            }
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
