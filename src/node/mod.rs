//! One process's services, with their registry, supervisors, dead letters and client.

#[cfg(feature = "nats")]
mod broker;
mod builder;
mod describe;
mod error;
mod events;
#[cfg(feature = "tcp")]
mod listeners;
mod placement;
mod registered;
mod remotes;
mod replay;
mod services;
mod shutdown;
mod start;
mod stats;
mod subscribe;
#[cfg(test)]
mod tests;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use futures::channel::mpsc::UnboundedSender;
use futures::future::LocalBoxFuture;
use tokio::task::JoinHandle;

pub use builder::NodeBuilder;
pub use describe::{DeliveryPromise, EventPath, NodeDescription, SubscriptionPromise, Survives};
pub use error::StartError;
pub use events::{DeadLettered, ServiceFailed, ServiceRestarted, ServiceStarted, ServiceStopped};
pub use placement::Placement;
pub use remotes::{RemoteKind, RemoteList, RemotePatterns};
pub use shutdown::ShutdownReport;
pub use stats::{NodeStats, ServiceStats, SubscriptionLedger};
pub use subscribe::{SubscribeOptions, Subscription};

use crate::client::{Client, Core};
use crate::dead_letter::{DeadLetters, Sink};
use crate::service::Service;
use crate::supervisor::{Annex, Deadlines, Lifecycle, Watchdog};
#[cfg(feature = "nats")]
use crate::transport::nats::Connected;
#[cfg(feature = "tcp")]
use crate::transport::tcp::Server;
use services::Services;

/// A running node: one process's services, with their registry, supervisors, dead letters and client. It lives on
/// the thread that started it; its [`client`](Node::client) goes anywhere.
///
/// A node is ended by [`shutdown`](Node::shutdown), which drains it and loses nothing. Dropping it instead ends it
/// at once: what is queued or in hand becomes dead letters, and they are written if the thread's runtime goes on for
/// long enough.
pub struct Node {
    core: Arc<Core>,
    services: Arc<Services>,
    addresses: HashMap<TypeId, Box<dyn Any>>,
    dead_letters: DeadLetters,
    sink: Sink,
    deadlines: Arc<Deadlines>,
    watchdog: Watchdog,
    lifecycle: Lifecycle,
    shutdown_limit: Duration,
    /// Spawns on the node's own `LocalSet`, also when it is called from outside of it.
    spawner: UnboundedSender<LocalBoxFuture<'static, ()>>,
    /// Where services are while a sender runs them.
    annex: Rc<Annex>,
    #[cfg(feature = "tcp")]
    servers: Vec<Server>,
    #[cfg(feature = "nats")]
    broker: Option<Connected>,
    /// The node's own tasks.
    tasks: Vec<JoinHandle<()>>,
    /// The node has been shut down, and its drop has nothing left to do.
    ended: bool,
}

impl Node {
    /// Begins to build a node. Its name is in logs and in dead letters.
    pub fn builder(name: impl Into<String>) -> NodeBuilder {
        NodeBuilder::new(name.into())
    }

    /// The node's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// A client of this node.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(Arc::clone(&self.core))
    }

    /// The address of a service: plain actix, and supervised. It stays valid through restarts.
    #[must_use]
    pub fn addr<S: Service>(&self) -> Option<Addr<S>> {
        self.addresses.get(&TypeId::of::<S>())?.downcast_ref::<Addr<S>>().cloned()
    }

    /// The node's dead letters.
    #[must_use]
    pub fn dead_letters(&self) -> DeadLetters {
        self.dead_letters.clone()
    }

    /// The addresses that the node listens on, in the order of [`NodeBuilder::listen`].
    #[cfg(feature = "tcp")]
    #[must_use]
    pub fn listening(&self) -> Vec<std::net::SocketAddr> {
        self.servers.iter().map(|server| server.address).collect()
    }

    /// How many peers are connected to the node.
    #[cfg(feature = "tcp")]
    #[must_use]
    pub fn connections(&self) -> usize {
        self.servers.iter().map(Server::connections).sum()
    }

    /// What the node has done and holds, read at this moment.
    #[must_use]
    pub fn stats(&self) -> NodeStats {
        stats::read(&self.core, &self.services, &self.dead_letters)
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("name", &self.core.name)
            .field("services", &self.services.names())
            .finish_non_exhaustive()
    }
}
