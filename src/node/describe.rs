//! What a node promises for each of its subscriptions.

use std::fmt;

use serde::Serialize;

use super::Node;
use crate::service::DeclaredEvent;

/// Which way a subscription's events come.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventPath {
    /// From the node's own services and clients, without leaving the process, and from what its listeners bring in.
    InProcess,
    /// Over core NATS.
    Nats,
    /// From a stream of JetStream's.
    JetStream {
        /// The stream.
        stream: String,
    },
}

/// How often an event's effect takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryPromise {
    /// Once, or not at all: when the process ends without a shutdown, or the connection breaks, what is on its way is
    /// lost. While both go on nothing is lost in silence: an event is handled, or it is a dead letter.
    AtMostOnce,
    /// Once or more: an event is delivered until it has been handled or is a stored dead letter, and what a process that
    /// died had in hand is handled again. What has been recorded as handled is not.
    AtLeastOnce,
    /// At least once, and exactly once for the effects that commit in `Delivery::transaction`, or that are keyed by the
    /// event's id. Nothing else can promise it: between an effect and its record the process may end.
    OnceByEffect,
}

/// What an event that waits to be handled outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Survives {
    /// Nothing: it is in the process's memory, or on the wire.
    Nothing,
    /// The end of the node's process; the broker keeps it in its memory.
    Process,
    /// The end of the node's process and of the broker's. A machine that loses its power loses what the broker had not
    /// synced to the disk yet: by its default (`sync_interval`) that is the last 2 minutes. A client cannot see the
    /// setting, so it is not known here.
    Broker,
    /// The loss of a machine: several servers keep it.
    Machine,
}

/// What is promised for one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionPromise {
    /// The service.
    pub service: String,
    /// The pattern, as the service declares it.
    pub pattern: String,
    /// Which way its events come.
    pub path: EventPath,
    /// How often an event's effect takes place.
    pub promise: DeliveryPromise,
    /// Whether events are handled in order and one at a time, through retries, and with several instances if their path
    /// is JetStream.
    pub ordered: bool,
    /// How many events are handled at once.
    pub concurrency: u32,
    /// What an event that waits outlives.
    pub survives: Survives,
}

/// What a node promises for each of its subscriptions; its `Display` is a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NodeDescription {
    /// The node.
    pub node: String,
    /// Whether what is recorded as handled outlives the process: if not, events that a broker delivers again after a
    /// restart are handled again.
    pub remembers_handled: bool,
    /// Its subscriptions, in the order of their services' start.
    pub subscriptions: Vec<SubscriptionPromise>,
}

impl Node {
    /// What the node promises for each of its subscriptions, by its configuration and by what the broker says of its
    /// streams. It is logged at the start too.
    #[must_use]
    pub fn describe(&self) -> NodeDescription {
        let mut subscriptions = Vec::new();
        for (inbox, events) in self.services.all() {
            for (subscription, event) in (0..).zip(&events) {
                let (path, survives) = self.path_of(event);
                let promise = match &path {
                    EventPath::InProcess | EventPath::Nats => DeliveryPromise::AtMostOnce,
                    EventPath::JetStream { .. } if self.core.handled.lends_transactions() => {
                        DeliveryPromise::OnceByEffect
                    }
                    EventPath::JetStream { .. } => DeliveryPromise::AtLeastOnce,
                };
                subscriptions.push(SubscriptionPromise {
                    service: inbox.service.to_string(),
                    pattern: inbox.pattern_of(subscription).to_string(),
                    path,
                    promise,
                    ordered: event.rule.concurrency == 1,
                    concurrency: event.rule.concurrency,
                    survives,
                });
            }
        }
        NodeDescription {
            node: self.core.name.to_string(),
            remembers_handled: self.core.handled.is_durable(),
            subscriptions,
        }
    }

    #[cfg(not(feature = "nats"))]
    #[expect(clippy::unused_self, reason = "a broker of the node's decides, where there can be one")]
    fn path_of(&self, _: &DeclaredEvent) -> (EventPath, Survives) {
        (EventPath::InProcess, Survives::Nothing)
    }

    #[cfg(feature = "nats")]
    fn path_of(&self, event: &DeclaredEvent) -> (EventPath, Survives) {
        let Some(broker) = self.broker.as_ref().filter(|_| !event.stays_here()) else {
            return (EventPath::InProcess, Survives::Nothing);
        };
        match broker.stream_for(event) {
            None => (EventPath::Nats, Survives::Nothing),
            Some(kept) => {
                let survives = match (kept.replicas, kept.in_memory) {
                    (2.., _) => Survives::Machine,
                    (_, true) => Survives::Process,
                    (_, false) => Survives::Broker,
                };
                (EventPath::JetStream { stream: kept.stream.name.clone() }, survives)
            }
        }
    }

    /// Says at the start what is promised.
    pub(super) fn log_promises(&self) {
        let NodeDescription { node, subscriptions, .. } = self.describe();
        for subscription in subscriptions {
            let SubscriptionPromise { service, pattern, path, promise, ordered, concurrency, survives } =
                subscription;
            tracing::info!(node, service, pattern, %path, %promise, ordered, concurrency, %survives, "promised");
        }
    }
}

impl fmt::Display for EventPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InProcess => f.pad("in process"),
            Self::Nats => f.pad("core NATS"),
            Self::JetStream { stream } => f.pad(&format!("stream {stream}")),
        }
    }
}

impl fmt::Display for DeliveryPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AtMostOnce => "at most once",
            Self::AtLeastOnce => "at least once",
            Self::OnceByEffect => "once by effect",
        })
    }
}

impl fmt::Display for Survives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nothing => "nothing",
            Self::Process => "process",
            Self::Broker => "process, broker",
            Self::Machine => "process, machine",
        })
    }
}

/// A line a subscription, and what its words mean where that is not plain.
impl fmt::Display for NodeDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, subscriptions, remembers_handled } = self;
        if subscriptions.is_empty() {
            return writeln!(f, "node {node} subscribes to nothing");
        }
        let mut rows = vec![["SERVICE", "PATTERN", "BY", "PROMISE", "ORDER", "SURVIVES"].map(str::to_owned)];
        rows.extend(subscriptions.iter().map(|it| {
            let order =
                if it.ordered { "kept".to_owned() } else { format!("none, {} at once", it.concurrency) };
            let (path, promise, survives) = (&it.path, it.promise, it.survives);
            [
                it.service.clone(),
                it.pattern.clone(),
                path.to_string(),
                promise.to_string(),
                order,
                survives.to_string(),
            ]
        }));
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 6] = std::array::from_fn(width);
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                line.push_str(&format!("{cell:width$}  "));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        if !remembers_handled && subscriptions.iter().any(|it| it.promise == DeliveryPromise::AtLeastOnce) {
            writeln!(
                f,
                "at least once: what was handled is remembered by this process alone, see NodeBuilder::handled"
            )?;
        }
        if subscriptions.iter().any(|it| it.promise == DeliveryPromise::OnceByEffect) {
            writeln!(
                f,
                "once by effect: what commits in Delivery::transaction, or is keyed by the event's id; else at least once"
            )?;
        }
        if subscriptions.iter().any(|it| it.survives == Survives::Broker) {
            writeln!(
                f,
                "broker: its process; a power cut may cost what it has not synced (sync_interval, 2 min by default)"
            )?;
        }
        Ok(())
    }
}
