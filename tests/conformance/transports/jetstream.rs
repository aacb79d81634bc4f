//! JetStream: every node is connected to one server, which keeps the suite's events.

use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use nestling::Stream;

use super::nats::{Broker, start};
use crate::harness::{Feature, Running, Serving, Signal, Transport};
use crate::nats_server::NatsServer;

conformance! {
    Durable:
    requests streams streams_dropped events nodes groups ordered ordered_across_patterns ordered_across_instances redelivery confirmed_emit headers closing
    broker_restart durable
}

/// Nodes on one server with JetStream.
struct Durable(Broker);

impl Durable {
    async fn begin() -> Self {
        Self(Broker::of(NatsServer::jetstream()))
    }
}

impl Transport for Durable {
    fn features(&self) -> &'static [Feature] {
        FEATURES
    }

    fn serve(&self, serving: Serving) -> LocalBoxFuture<'_, Running> {
        // What a node had in hand when it ended comes again after this time.
        let stream = Stream::new("SUITE").subjects(["suite.>"]).ack_wait(Duration::from_secs(5));
        start(self.0.connected(serving).durable(stream)).boxed_local()
    }

    fn caller(&self) -> LocalBoxFuture<'_, Running> {
        self.serve(Serving::node("caller"))
    }

    fn stop_broker(&self, signal: Signal) -> LocalBoxFuture<'_, ()> {
        self.0.stop(signal).boxed_local()
    }

    fn start_broker(&self) -> LocalBoxFuture<'_, ()> {
        self.0.begin().boxed_local()
    }
}
