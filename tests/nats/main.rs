//! Core NATS, with a server of the tests' own: nodes with each other, and with peers that know NestJS's packets and
//! nothing of this crate.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod a_cluster_that_loses_a_server;
mod a_server_that_goes;
#[path = "../support/certificates.rs"]
mod certificates;
mod discovery;
// It needs a feature of async-nats that nothing else does.
#[cfg(feature = "interop")]
mod discovery_has_async_natss_shape;
mod events_reach_one_instance_or_every;
#[path = "../support/nats_server.rs"]
mod nats_server;
mod nestjs_packets;
mod requests_and_their_answers;
mod secured_servers;
mod shutdown_drains;
mod streams_end_with_their_readers;
mod support;
#[cfg(feature = "sqlite")]
mod what_waits_when_the_node_ends;
mod where_it_connects;
mod wildcards;
