//! One suite for every transport: what a node promises over it holds, and a transport that is broken in the way that a
//! test guards against fails that test.
//!
//! A transport is a file in `transports/`, with a line there for its module and one in `lists.rs` for the tests that it
//! is to run. Its features say which those are: what it lacks gives no test.
//!
//! On nats-server 2.9 durable events of several patterns have no common order: skip `order_holds_across_patterns`,
//! `metadata_is_kept` and `payloads_of_any_size` over `jetstream` there.
//!
//! `NESTLING_CONFORMANCE_SEED` repeats what was random.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]
#![allow(clippy::print_stdout, reason = "a failure is repeated by the seed that was printed")]
#![cfg_attr(not(feature = "nats"), allow(dead_code, reason = "some of it only a broker needs"))]

#[macro_use]
mod harness;
mod lists;
#[cfg(feature = "nats")]
#[path = "../support/nats_server.rs"]
mod nats_server;
mod suite;
mod transports;
