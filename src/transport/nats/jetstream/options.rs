//! What a durable stream is declared as.

use std::time::Duration;

use crate::far::FAR;

/// A JetStream stream that keeps the events on its subjects, so that they outlive processes; see
/// [`NodeBuilder::durable`](crate::NodeBuilder::durable).
///
/// The stream is created if the server has none of its name. One that is there must be as it is declared here, in its
/// subjects, its retention (by limits), and in whatever else is set here; where it differs, the node does not start.
///
/// ```
/// use std::time::Duration;
/// use nestling::Stream;
///
/// let orders = Stream::new("ORDERS").subjects(["order.>"]).max_age(Duration::from_secs(7 * 24 * 3600)).replicas(3);
/// # let _ = orders;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Stream {
    pub(crate) name: String,
    pub(crate) subjects: Vec<String>,
    pub(crate) storage: Option<Storage>,
    pub(crate) replicas: Option<usize>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_bytes: Option<u64>,
    pub(crate) max_messages: Option<u64>,
    pub(crate) duplicate_window: Option<Duration>,
    pub(crate) ack_wait: Duration,
    pub(crate) max_deliveries: Option<u32>,
    pub(crate) prefetch: usize,
}

/// Where a stream keeps its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Storage {
    /// In files: they outlive the server's process.
    File,
    /// In the server's memory: they outlive the node's process, and not the server's.
    Memory,
}

impl Stream {
    /// A stream of this name, without subjects yet. NATS takes no name with white space, `.`, `*`, `>`, `/` or `\`,
    /// and older servers none with `%`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            subjects: Vec::new(),
            storage: None,
            replicas: None,
            max_age: None,
            max_bytes: None,
            max_messages: None,
            duplicate_window: None,
            ack_wait: Duration::from_secs(30),
            max_deliveries: None,
            prefetch: 256,
        }
    }

    /// The subjects whose events the stream keeps: patterns as in [`Patterns::matching`](crate::Patterns::matching).
    pub fn subjects(mut self, subjects: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.subjects.extend(subjects.into_iter().map(Into::into));
        self
    }

    /// Where it keeps them; in files where nobody says otherwise.
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = Some(storage);
        self
    }

    /// On how many servers of a cluster each event is kept; one by default. Three outlive the loss of a machine.
    pub fn replicas(mut self, servers: usize) -> Self {
        self.replicas = Some(servers.max(1));
        self
    }

    /// How long an event is kept; for ever by default. One that is older is gone, handled or not.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age.min(FAR));
        self
    }

    /// How many bytes are kept; without a limit by default. Beyond it the oldest events go, handled or not.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// How many events are kept; without a limit by default. Beyond it the oldest go, handled or not.
    pub fn max_messages(mut self, events: u64) -> Self {
        self.max_messages = Some(events);
        self
    }

    /// For how long the server knows an event's id again, and takes it only once; 2 minutes by default. An event that
    /// was on its way when the connection broke is published again.
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.duplicate_window = Some(window.min(FAR));
        self
    }

    /// After how long without a sign of life the server delivers an event again; 30 s by default, at least 1 s. While a
    /// node holds an event it gives that sign three times as often, however long its handler takes; but not while a handler
    /// blocks the node's thread. An event that was on the wire when a connection broke comes again after this time.
    pub fn ack_wait(mut self, wait: Duration) -> Self {
        self.ack_wait = wait.clamp(Duration::from_secs(1), FAR);
        self
    }

    /// How many times an event is delivered before it becomes a dead letter with reason
    /// [`max_deliveries`](crate::Reason::MaxDeliveries) without being handled again; 10 more than the attempts of its
    /// subscription's retry policy by default. A delivery is spent by each retry after a delay of 5 s or more, by each
    /// process that ends without having handled the event, and by each shutdown that finds it queued.
    pub fn max_deliveries(mut self, deliveries: u32) -> Self {
        self.max_deliveries = Some(deliveries.max(1));
        self
    }

    /// How many events a node holds at most for each lane with [`concurrency`](crate::EventOptions::concurrency), queued
    /// and in hand; 256 by default. An ordered lane holds one.
    pub fn prefetch(mut self, events: usize) -> Self {
        self.prefetch = events.max(1);
        self
    }
}
