//! What a transport can do.

/// What a transport can do. Each test of the suite belongs to one of these (`guarantees!`).
#[allow(non_camel_case_types, reason = "the names are those that a transport's list is written in")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// Messages and their responses.
    requests,
    /// Responses that are streams.
    streams,
    /// A stream's service is told that its reader has gone.
    streams_dropped,
    /// Events.
    events,
    /// Several nodes may serve, and one may begin where another has ended.
    nodes,
    /// Nodes of one name share a service's events.
    groups,
    /// The events of one emitter and one pattern are handled in their order.
    ordered,
    /// They are, also where their patterns differ.
    ordered_across_patterns,
    /// They are, also where nodes share them.
    ordered_across_instances,
    /// What fails is delivered again, in its place.
    redelivery,
    /// A confirmed event is handled, where nothing breaks.
    confirmed_emit,
    /// Ids and headers go along.
    headers,
    /// A node closes in time, and drains.
    closing,
    /// There is a broker, and it may restart.
    broker_restart,
    /// Events outlive nodes and the broker's process.
    durable,
}
