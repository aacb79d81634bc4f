//! What a node is made of.

use std::time::Duration;

use super::placement::Placement;
use super::registered::{Place, Registered, Registration};
#[cfg(feature = "tcp")]
use super::remotes::RemotePatterns;
use super::remotes::{Forward, Remote};
use super::{Node, StartError, start};
use crate::client::Client;
use crate::dead_letter::{DeadLetterStore, MemoryStore};
use crate::handled::{HandledStore, MemoryHandled};
#[cfg(feature = "tcp")]
use crate::pattern::EventPattern;
use crate::service::Service;
#[cfg(feature = "nats")]
use crate::transport::nats::{Nats, Stream};
#[cfg(feature = "tcp")]
use crate::transport::tcp::{Tcp, TcpClient};

/// How many dead letters the default store holds.
const MEMORY_CAPACITY: usize = 10_000;

/// What a node is made of; see [`Node::builder`].
#[must_use = "a builder does nothing until it is started"]
pub struct NodeBuilder {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) services: Vec<Box<dyn Registered>>,
    pub(super) store: Box<dyn DeadLetterStore>,
    pub(super) handled: Box<dyn HandledStore>,
    pub(super) waiting_letters: usize,
    pub(super) request_timeout: Duration,
    pub(super) emit_timeout: Duration,
    pub(super) shutdown_limit: Duration,
    pub(super) block_limit: Duration,
    pub(super) bury_unsubscribed: bool,
    pub(super) prefer_remote: bool,
    pub(super) remotes: Vec<Remote>,
    pub(super) forwards: Vec<Forward>,
    #[cfg(feature = "tcp")]
    pub(super) listeners: Vec<Tcp>,
    #[cfg(feature = "nats")]
    pub(super) nats: Option<Nats>,
    #[cfg(feature = "nats")]
    pub(super) streams: Vec<Stream>,
}

impl NodeBuilder {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            version: concat!("nestling ", env!("CARGO_PKG_VERSION")).to_owned(),
            services: Vec::new(),
            store: Box::new(MemoryStore::new(MEMORY_CAPACITY)),
            handled: Box::new(MemoryHandled::default()),
            waiting_letters: 100_000,
            request_timeout: Duration::from_secs(30),
            emit_timeout: Duration::from_secs(5),
            shutdown_limit: Duration::from_secs(10),
            block_limit: Duration::from_secs(1),
            bury_unsubscribed: false,
            prefer_remote: false,
            remotes: Vec::new(),
            forwards: Vec::new(),
            #[cfg(feature = "tcp")]
            listeners: Vec::new(),
            #[cfg(feature = "nats")]
            nats: None,
            #[cfg(feature = "nats")]
            streams: Vec::new(),
        }
    }

    /// Runs this instance. After a failure the same one goes on, reset in its `restarting`.
    pub fn service<S: Service>(self, service: S) -> Self {
        self.add(S::NAME.to_owned(), Place::Value(service))
    }

    /// As [`service`](Self::service), under a name of its own in place of [`Service::NAME`], so that several instances
    /// of one type can run side by side: each gets every event, and has its own inbox, ledger and restarts. A message
    /// pattern still has one handler, so only one of them can answer messages. [`Node::addr`] is that of the first.
    pub fn service_named<S: Service>(self, name: impl Into<String>, service: S) -> Self {
        self.add(name.into(), Place::Value(service))
    }

    /// Runs an instance made by `factory`; after a failure a fresh one.
    pub fn service_with<S: Service>(self, factory: impl Fn(Client) -> S + 'static) -> Self {
        self.add(S::NAME.to_owned(), Place::Here(Box::new(factory)))
    }

    /// As [`service_with`](Self::service_with), in a place of its own. Only the factory must be `Send`: the instance is
    /// made where it runs.
    pub fn service_on<S: Service>(
        self,
        placement: Placement,
        factory: impl Fn(Client) -> S + Send + 'static,
    ) -> Self {
        self.add(S::NAME.to_owned(), Place::Elsewhere(placement, Box::new(factory)))
    }

    fn add<S: Service>(mut self, name: String, place: Place<S>) -> Self {
        self.services.push(Box::new(Registration { name, place }));
        self
    }

    /// Where dead letters are kept; by default in memory, the last 10,000.
    pub fn dead_letters(mut self, store: impl DeadLetterStore) -> Self {
        self.store = Box::new(store);
        self
    }

    /// Where handled events are recorded, so that one that a broker delivers again is not handled again; by default in
    /// memory, the last 100,000, for an hour. With `SqliteHandled` they outlive the process, and a handler's effects in
    /// that file can commit with them (`Delivery::transaction`).
    pub fn handled(mut self, store: impl HandledStore) -> Self {
        self.handled = Box::new(store);
        self
    }

    /// How many dead letters wait in memory while their store cannot be written; 100,000 by default.
    pub fn waiting_dead_letters(mut self, letters: usize) -> Self {
        self.waiting_letters = letters;
        self
    }

    /// Makes an event that nobody subscribes to a dead letter. By default it is counted, and logged once a pattern.
    pub fn dead_letter_unsubscribed(mut self, bury: bool) -> Self {
        self.bury_unsubscribed = bury;
        self
    }

    /// How long a request waits unless it says otherwise; 30 s by default.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// How long a confirmed emit waits unless it says otherwise; 5 s by default.
    pub fn emit_timeout(mut self, timeout: Duration) -> Self {
        self.emit_timeout = timeout;
        self
    }

    /// How long [`Node::run_until_signal`] drains; 10 s by default.
    pub fn shutdown_limit(mut self, limit: Duration) -> Self {
        self.shutdown_limit = limit;
        self
    }

    /// After how long a handler that blocks its thread is logged; 1 s by default.
    pub fn block_limit(mut self, limit: Duration) -> Self {
        self.block_limit = limit;
        self
    }

    /// Serves the node's message and stream patterns, and takes events, over TCP in NestJS's wire format; several
    /// listeners may run at once. Patterns that are `internal` are not served.
    #[cfg(feature = "tcp")]
    pub fn listen(mut self, tcp: Tcp) -> Self {
        self.listeners.push(tcp);
        self
    }

    /// Lets a peer answer message and stream patterns, one or a tuple of them: whatever the node's clients send of
    /// them goes there, so that a service moves to another process by one line. A service of this node that handles a
    /// pattern wins, unless [`prefer_remote`](Self::prefer_remote) says otherwise.
    #[cfg(feature = "tcp")]
    pub fn remote<P: RemotePatterns>(mut self, peer: &TcpClient) -> Self {
        self.remotes.push(Remote::new::<P>(peer.peer()));
        self
    }

    /// Connects the node to NATS, in NestJS's wire format; the last call counts.
    ///
    /// - Its message and stream patterns are served on their subjects, in a queue group that all instances of a service
    ///   share: services of one name, in nodes of one name. Other applications have groups of their own.
    /// - A request that no service of the node handles goes to NATS, and with [`prefer_remote`](Self::prefer_remote)
    ///   every one.
    /// - Every event goes to NATS, and the node's own subscribers get it from there, so that no one handles it twice. Of
    ///   the instances of a service one gets it, or each by [`every_instance`](crate::EventOptions::every_instance). Order
    ///   is kept on one subject, or in what one wildcard matches, and not across subscriptions.
    /// - What is `internal`, or begins with `$`, stays in the process.
    ///
    /// Core NATS delivers at most once: what nobody subscribes to at the moment is lost, and so is what was on the wire
    /// when a connection breaks. While the server is away events wait in memory, up to a bound
    /// ([`Nats::buffered_events`]); beyond it, and when the node ends before there is a connection, they are dead
    /// letters with reason `unreachable`, which can be replayed. Requests fail at once then.
    #[cfg(feature = "nats")]
    pub fn connect(mut self, nats: Nats) -> Self {
        self.nats = Some(nats);
        self
    }

    /// Lets a JetStream stream keep the events on its subjects, so that they outlive processes; several streams may be
    /// declared. It needs [`connect`](Self::connect).
    ///
    /// - Events on these subjects are published to the stream, in order, and again where the connection broke before the
    ///   broker had confirmed them. `emit_confirmed` resolves with that confirmation. `emit` waits for nothing: what has
    ///   not been confirmed is lost when the process is killed, and what the broker does not take becomes a dead letter
    ///   with reason `unreachable`.
    /// - A subscription all of whose patterns the stream covers gets its events from there, by a durable consumer that all
    ///   instances of its service share, one for each lane. An event is acknowledged when its handler has succeeded, or when
    ///   its dead letter is stored; until then the broker delivers it again after a crash. What was emitted while no
    ///   instance ran comes when one does, and to a new service all that the stream holds.
    /// - An ordered lane has one unacknowledged event at a time, so that order is kept through retries and with several
    ///   instances: it costs a round trip an event. A lane with [`concurrency`](crate::EventOptions::concurrency) has many.
    /// - Subscriptions of [`every_instance`](crate::EventOptions::every_instance), and those of subscribers without a name,
    ///   get the events that are published while they are there, at most once.
    ///
    /// [`Node::describe`] tells what that promises.
    #[cfg(feature = "nats")]
    pub fn durable(mut self, stream: Stream) -> Self {
        self.streams.push(stream);
        self
    }

    /// Lets peers answer what [`remote`](Self::remote) names, and NATS what it can, also where a service of this node could.
    pub fn prefer_remote(mut self) -> Self {
        self.prefer_remote = true;
        self
    }

    /// Sends events of a pattern on to a peer, beside the subscribers in this node. The forwarder is a subscriber like
    /// any other (`forward to tcp://..` in stats and dead letters): it keeps the order of all that goes to one peer,
    /// holds up to 10,000 events while the peer is away, and what cannot be sent is a dead letter with reason
    /// `unreachable`, which can be replayed. An event counts as handled when its last byte has been handed to the
    /// connection; what is on the wire when that breaks is lost, as TCP has it.
    #[cfg(feature = "tcp")]
    pub fn forward<E: EventPattern>(mut self, peer: &TcpClient) -> Self {
        Forward::add::<E>(&mut self.forwards, peer.peer());
        self
    }

    /// The application's version, for dead letters.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Starts the node.
    ///
    /// # Errors
    ///
    /// [`StartError`]: if there is no local task set or no timer here, if what the services declare does not fit
    /// together, if a factory panics, or if a service has no thread to run on.
    pub async fn start(self) -> Result<Node, StartError> {
        start::start(self).await
    }
}

impl std::fmt::Debug for NodeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeBuilder")
            .field("name", &self.name)
            .field("services", &self.services.len())
            .finish_non_exhaustive()
    }
}
