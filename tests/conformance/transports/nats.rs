//! Core NATS: every node is connected to one server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use nestling::{Nats, NodeBuilder};
use tokio::task::spawn_blocking;

use crate::harness::{Feature, Running, Serving, Signal, Transport};
use crate::nats_server::NatsServer;

conformance! {
    Connected:
    requests streams streams_dropped events nodes groups ordered redelivery confirmed_emit headers closing broker_restart
}

/// Nodes on one server.
struct Connected(Broker);

impl Connected {
    async fn begin() -> Self {
        Self(Broker::of(NatsServer::start()))
    }
}

impl Transport for Connected {
    fn features(&self) -> &'static [Feature] {
        FEATURES
    }

    fn serve(&self, serving: Serving) -> LocalBoxFuture<'_, Running> {
        start(self.0.connected(serving)).boxed_local()
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

pub(super) async fn start(builder: NodeBuilder) -> Running {
    Running::new(builder.start().await.unwrap())
}

/// A server of NATS.
pub(super) struct Broker {
    server: Arc<Mutex<NatsServer>>,
    url: String,
}

impl Broker {
    pub(super) fn of(server: NatsServer) -> Self {
        let url = server.url();
        Self { server: Arc::new(Mutex::new(server)), url }
    }

    /// A node that is to be connected.
    pub(super) fn connected(&self, serving: Serving) -> NodeBuilder {
        let waits = (Duration::from_millis(5), Duration::from_millis(100));
        serving.builder().connect(Nats::url(&self.url).reconnect_waits(waits.0, waits.1))
    }

    pub(super) async fn stop(&self, signal: Signal) {
        self.with(move |server| match signal {
            Signal::Term => server.stop(),
            Signal::Kill => server.kill(),
        })
        .await;
    }

    pub(super) async fn begin(&self) {
        self.with(NatsServer::begin).await;
    }

    /// What blocks is done on a thread of its own, so that the nodes run on meanwhile.
    async fn with(&self, change: impl FnOnce(&mut NatsServer) + Send + 'static) {
        let server = Arc::clone(&self.server);
        let changed =
            spawn_blocking(move || change(&mut server.lock().unwrap_or_else(PoisonError::into_inner)));
        changed.await.unwrap();
    }
}
