//! Waiting for what has to come.

use std::future::Future;
use std::time::{Duration, Instant};

use super::running::Running;

/// How long nothing may happen, where no fault shows in it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `count` reaches `wanted`; false if nothing has changed for as long as `patience`.
pub(crate) async fn arrive(patience: Duration, wanted: usize, count: impl Fn() -> usize) -> bool {
    let (mut last, mut since) = (count(), Instant::now());
    loop {
        let now = count();
        if now >= wanted {
            return true;
        }
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() > patience {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until a node has nothing queued nor in hand; false if that takes too long.
pub(crate) async fn idle(patience: Duration, running: &Running) -> bool {
    let busy = || {
        running.stats().map_or(0, |stats| {
            let total = stats.total();
            stats.registry_backlog + total.queued + total.in_flight
        })
    };
    arrive(patience, 1, || usize::from(busy() == 0)).await
}

/// The future's output; none if it takes longer than `patience`.
pub(crate) async fn within<F: Future>(patience: Duration, future: F) -> Option<F::Output> {
    tokio::time::timeout(patience, future).await.ok()
}
