//! Where the connections of a client stand.

use futures::Stream;
use parking_lot::Mutex;
use tokio::sync::watch;

/// Where a [`TcpClient`](super::TcpClient)'s connection stands. Of several connections it is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TcpStatus {
    /// There is no connection, and nobody needs one: the next use makes it.
    Disconnected,
    /// The first connection is being made.
    Connecting,
    /// There is a connection.
    Connected,
    /// There was a connection, or an attempt at one, and another is being made or waited for.
    Reconnecting,
    /// The client was closed; the last status.
    Closed,
}

/// The status of each connection, and of all together.
#[derive(Debug)]
pub(super) struct Board {
    each: Mutex<Vec<TcpStatus>>,
    all: watch::Sender<TcpStatus>,
}

impl Board {
    pub(super) fn new(connections: usize) -> Self {
        let each = Mutex::new(vec![TcpStatus::Disconnected; connections]);
        Self { each, all: watch::Sender::new(TcpStatus::Disconnected) }
    }

    pub(super) fn set(&self, connection: usize, status: TcpStatus) {
        let mut each = self.each.lock();
        if let Some(known) = each.get_mut(connection) {
            *known = status;
        }
        let all = overall(&each);
        // Under the lock, so that of two changes the later one is the one that stays.
        self.all.send_if_modified(|known| std::mem::replace(known, all) != all);
    }

    /// The status now, and each that follows; of changes in quick succession the last. It ends after `Closed`.
    pub(super) fn watch(&self) -> impl Stream<Item = TcpStatus> + Send + use<> {
        let first = Some((self.all.subscribe(), true));
        futures::stream::unfold(first, async |watched| {
            let (mut receiver, is_first) = watched?;
            if !is_first {
                receiver.changed().await.ok()?;
            }
            let status = *receiver.borrow_and_update();
            Some((status, (status != TcpStatus::Closed).then_some((receiver, false))))
        })
    }

    /// Resolves when all connections are closed.
    pub(super) async fn closed(&self) {
        // The sender is here, so it cannot fail.
        let _ = self.all.subscribe().wait_for(|status| *status == TcpStatus::Closed).await;
    }
}

fn overall(each: &[TcpStatus]) -> TcpStatus {
    let any = |status| each.contains(&status).then_some(status);
    any(TcpStatus::Connected)
        .or_else(|| any(TcpStatus::Reconnecting))
        .or_else(|| any(TcpStatus::Connecting))
        .or_else(|| any(TcpStatus::Disconnected))
        .unwrap_or(TcpStatus::Closed)
}
