//! How a node ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::Node;
use super::stats::NodeStats;
use crate::client::Intake;
use crate::dead_letter::Reason;
use crate::far::FAR;
use crate::registry;
use crate::supervisor::Inbox;

/// How long one service may take to stop before it is left behind: its thread is blocked.
pub(super) const STOP: Duration = Duration::from_secs(1);

/// How long peers may take over the last replies.
#[cfg(any(feature = "nats", feature = "tcp"))]
const LAST_WORDS: Duration = Duration::from_millis(250);

/// How a shutdown went.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Whether the node was idle before the limit was reached.
    pub drained: bool,
    /// How long it took.
    pub took: Duration,
    /// Events that were queued or in a handler's hands when the limit was reached: dead letters with reason
    /// `shutdown`.
    pub unfinished_events: u64,
    /// Requests that were queued or in a handler's hands when the limit was reached: their senders were told
    /// `Unavailable`.
    pub unfinished_requests: u64,
    /// Services whose threads were blocked and that could not be stopped.
    pub blocked: Vec<String>,
    /// The node's numbers at its end.
    pub stats: NodeStats,
}

impl Node {
    /// Ends the node. It takes nothing more from outside; what its services emit while they drain is still
    /// delivered, until the node is idle or `limit` is reached. What is left then becomes dead letters with reason
    /// `shutdown`; the services stop in the reverse order of their start, and the dead letters are written.
    ///
    /// What the node does not know of it does not wait for: requests by `Addr::send`, and what handlers have spawned
    /// beside themselves (`actix::spawn`). Peers of its listeners get their answers, and then their connections are
    /// closed. A broker is told first to send nothing more; what was emitted is sent to it before its connection is closed.
    pub async fn shutdown(mut self, limit: Duration) -> ShutdownReport {
        let (began, limit) = (Instant::now(), limit.min(FAR));
        #[cfg(feature = "tcp")]
        self.stop_accepting();
        #[cfg(feature = "nats")]
        self.stop_broker_intake(limit).await;
        self.core.set_intake(Intake::Draining);
        let drained = self.drain(began, limit).await;
        let left = self.stats();
        self.core.set_intake(Intake::Closed);
        #[cfg(feature = "tcp")]
        self.close_connections(limit.saturating_sub(began.elapsed()).max(STOP)).await;
        #[cfg(feature = "nats")]
        self.answer_broker(limit.saturating_sub(began.elapsed()).max(STOP)).await;
        // What the registry still holds reaches the lanes, and with them the dead letters; so does what other threads
        // were let in with a moment ago.
        let last = Instant::now();
        while self.core.counters.backlog() > 0 && self.core.registry.connected() && last.elapsed() < STOP {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let _ = self.core.registry.send(registry::Stop).await;
        let mut blocked = Vec::new();
        for inbox in self.services.inboxes().iter().rev() {
            if !stop(inbox).await {
                blocked.push(inbox.service.to_string());
            }
        }
        #[cfg(feature = "tcp")]
        {
            // What was in flight has been refused just now: those who listen are told.
            self.close_connections(LAST_WORDS).await;
            self.cut_off_connections(STOP).await;
        }
        #[cfg(feature = "nats")]
        {
            self.answer_broker(LAST_WORDS).await;
            self.close_broker(limit.saturating_sub(began.elapsed()).max(STOP)).await;
        }
        self.dead_letters.close(limit.max(STOP)).await;
        self.core.handled.close(STOP).await;
        for task in &self.tasks {
            task.abort();
        }
        self.ended = true;
        let total = left.total();
        let report = ShutdownReport {
            drained,
            took: began.elapsed(),
            unfinished_events: total.queued + total.in_flight + left.registry_backlog,
            unfinished_requests: left
                .services
                .iter()
                .map(|it| it.requests.queued + it.requests.in_flight)
                .sum(),
            blocked,
            stats: self.stats(),
        };
        tracing::info!(
            node = &*self.core.name,
            drained,
            took = ?report.took,
            unfinished_events = report.unfinished_events,
            unfinished_requests = report.unfinished_requests,
            "the node has shut down",
        );
        report
    }

    /// Waits for SIGINT or SIGTERM and then shuts down, with the limit that the builder was given (10 s).
    pub async fn run_until_signal(self) -> ShutdownReport {
        if let Err(error) = signal().await {
            tracing::error!(%error, "signals cannot be received: the node shuts down now");
        }
        let limit = self.shutdown_limit;
        self.shutdown(limit).await
    }

    /// Waits until the node is idle; false if that takes too long.
    async fn drain(&self, began: Instant, limit: Duration) -> bool {
        let mut pause = Duration::from_millis(1);
        loop {
            if self.is_idle() {
                return true;
            }
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() {
                return false;
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }

    /// Whether nothing is under way. The services are read one after another, so something could slip from one
    /// not read yet to one read already: then the sum of all that was ever taken differs.
    fn is_idle(&self) -> bool {
        let taken = || {
            let stats = self.stats();
            let received: u64 = stats.services.iter().map(|service| service.requests.received).sum();
            let emitted = self.core.counters.emitted.load(Ordering::Acquire);
            emitted + stats.total().delivered + received
        };
        let before = taken();
        let idle = self.core.counters.backlog() == 0 && self.services.inboxes().iter().all(|it| it.is_idle());
        idle && taken() == before
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.core.set_intake(Intake::Closed);
        let inboxes = self.services.inboxes();
        for inbox in inboxes.iter().rev() {
            inbox.close(Reason::Shutdown);
            inbox.stop();
        }
        let _ = self.core.registry.try_send(registry::Stop);
        #[cfg(feature = "nats")]
        drop(self.broker.take());
        for task in &self.tasks {
            task.abort();
        }
        // The store is let go of when the services have buried what they had in hand.
        let dead_letters = self.dead_letters.clone();
        let handled = self.core.handled.clone();
        let _ = self.spawner.unbounded_send(Box::pin(async move {
            for inbox in inboxes {
                let _ = tokio::time::timeout(STOP, inbox.end()).await;
            }
            dead_letters.close(STOP).await;
            handled.close(STOP).await;
        }));
    }
}

/// Stops one service; false if its thread is blocked.
async fn stop(inbox: &Arc<Inbox>) -> bool {
    inbox.stop();
    let stopped = tokio::time::timeout(STOP, inbox.end()).await.is_ok();
    if !stopped {
        // The one in hand is lost to its thread; the others are not.
        inbox.close(Reason::Shutdown);
        tracing::error!(service = &*inbox.service, "a service does not stop: its thread is blocked");
    }
    stopped
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
