//! What the tests of events share.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use nestling::prelude::*;
use tokio::sync::Semaphore;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("tick")]
pub(crate) struct Tick {
    pub(crate) n: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("tock")]
pub(crate) struct Tock {
    pub(crate) n: u32,
}

/// What handlers have seen, in the order in which they saw it.
#[derive(Debug)]
pub(crate) struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn push(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Holds handlers back until it is opened for them.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(crate) async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }

    /// Lets `n` more handlers through.
    pub(crate) fn open(&self, n: usize) {
        self.0.add_permits(n);
    }
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until nothing is queued or in a handler's hands.
pub(crate) async fn idle(node: &Node) {
    until("the node is idle", || {
        let stats = node.stats();
        let total = stats.total();
        stats.registry_backlog == 0 && total.queued == 0 && total.in_flight == 0
    })
    .await;
}

/// The node's dead letters, the oldest first.
pub(crate) async fn letters(node: &Node) -> Vec<DeadLetter> {
    node.dead_letters().list(Filter::new().oldest_first()).await.unwrap().letters
}
