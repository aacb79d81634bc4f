//! The one connection of a node: what is on its way, who waits for an answer, and what the client tells of itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, Event};
use futures::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::client::{Calls, Confirming};
use super::options::Limits;
use super::outbox::{Outbox, What};
use crate::dead_letter::{Failure, Reason, Sink};
use crate::event::SharedEvent;
use crate::supervisor::Refusal;

/// The one connection of a node.
pub(crate) struct Link {
    /// The servers, as they may be shown to anybody.
    pub(super) server: String,
    pub(super) node: Arc<str>,
    pub(super) client: Client,
    pub(super) outbox: Outbox,
    pub(super) calls: Calls,
    pub(super) limits: Limits,
    sink: Sink,
    /// Messages that came faster than they were read, and that the client has dropped.
    dropped: AtomicU64,
    /// How many times a lost connection was made again.
    connects: watch::Sender<u64>,
}

impl Link {
    pub(super) fn new(client: Client, server: String, node: &str, limits: Limits, sink: Sink) -> Arc<Self> {
        let outbox = Outbox::new(client.clone(), limits);
        let calls = Calls::new(client.new_inbox(), limits.requests);
        let dropped = AtomicU64::new(0);
        let connects = watch::Sender::new(0);
        Arc::new(Self {
            server,
            node: Arc::from(node),
            client,
            outbox,
            calls,
            limits,
            sink,
            dropped,
            connects,
        })
    }

    /// What NATS's client tells of itself.
    pub(super) fn told(&self, event: &Event) {
        let server = &*self.server;
        match event {
            Event::Connected => self.connected(),
            Event::Disconnected => self.disconnected(),
            Event::SlowConsumer(_) => {
                let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
                // Once for each doubling: there may be many.
                if dropped.is_power_of_two() {
                    tracing::error!(
                        server,
                        dropped,
                        "messages came faster than they were taken and are lost"
                    );
                }
            }
            Event::ServerError(error) => {
                tracing::error!(server, %error, "the NATS server has refused something");
            }
            Event::ClientError(error) => tracing::debug!(server, %error, "not connected yet"),
            Event::LameDuckMode => tracing::info!(server, "the NATS server is about to stop"),
            Event::Draining | Event::Closed => {}
        }
        self.look_at_state();
    }

    /// The client drops what it would tell where it has too much of it: so its state is looked at too.
    pub(super) fn look_at_state(&self) {
        match (self.client.connection_state(), self.outbox.is_away()) {
            (State::Connected, true) => self.connected(),
            (State::Disconnected, false) => self.disconnected(),
            (State::Pending, false) => {
                self.outbox.set_away(true);
                tracing::warn!(server = &*self.server, "not connected to NATS yet");
            }
            _ => {}
        }
    }

    fn connected(&self) {
        if self.outbox.is_away() {
            let waiting = self.outbox.len();
            tracing::info!(server = &*self.server, waiting, "connected to NATS");
            self.outbox.set_away(false);
            self.connects.send_modify(|connects| *connects += 1);
        }
    }

    /// Changes whenever a lost connection was made again.
    pub(super) fn connects(&self) -> watch::Receiver<u64> {
        self.connects.subscribe()
    }

    fn disconnected(&self) {
        if self.outbox.is_away() {
            return;
        }
        let waiting = self.outbox.set_away(true);
        let message = format!("the connection to {} was lost before it was answered", self.server);
        self.calls.lost(Refusal::Transport { message }, waiting);
        tracing::warn!(server = &*self.server, "the connection to NATS is lost");
    }

    /// Keeps an event that cannot be sent.
    pub(super) fn bury(&self, event: &SharedEvent, reason: Reason, message: impl Into<String>) {
        self.sink.bury(event, "", "", Failure::new(reason, "nestling", message), None);
    }

    /// What has become of something that was not sent after all.
    pub(super) fn unsent(&self, what: What, reason: &str) {
        match what {
            What::Event(event) => self.bury(&event, Reason::Unreachable, reason),
            What::Awaited(call) | What::Ping(call) => call.refuse_with(reason),
            // Its call waits among the others, and is settled with them or by its deadline.
            What::Request => tracing::error!(server = &*self.server, reason, "a request was not sent"),
        }
    }

    /// Hands over what waits, for as long as the node runs.
    pub(super) async fn pump(self: Arc<Self>) {
        std::future::poll_fn(|cx| self.outbox.poll_pump(cx, |what, reason| self.unsent(what, reason))).await;
    }

    /// Waits until all that was sent is with the server; false if it is not in time.
    pub(super) async fn flush(self: &Arc<Self>, within: Duration) -> bool {
        if self.outbox.is_away() && self.outbox.len() == 0 {
            return true;
        }
        let flushed = async {
            std::future::poll_fn(|cx| self.outbox.poll_empty(cx)).await;
            Confirming::ping(self, within).await
        };
        tokio::time::timeout(within, flushed).await.is_ok_and(|confirmed| confirmed.is_ok())
    }

    /// Closes the connection, and says what has become of what was not sent.
    pub(super) fn close(&self) {
        let reason = format!("the node ended before there was a connection to {}", self.server);
        let unsent = self.outbox.close();
        for what in unsent {
            self.unsent(what, &reason);
        }
        self.calls.close(Refusal::Unavailable { reason: format!("node `{}` has shut down", self.node) });
        // Closes it after what was handed over has been written: at once, unless the client has no room for the wish.
        if self.client.drain().now_or_never().is_none()
            && let Ok(runtime) = Handle::try_current()
        {
            let client = self.client.clone();
            runtime.spawn(async move {
                let _ = client.drain().await;
            });
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("server", &self.server).finish_non_exhaustive()
    }
}
