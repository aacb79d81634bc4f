//! What the tests of nodes share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nestling::prelude::*;

/// An error that no test meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("never")]
pub(crate) struct Never;

/// What happened, in order, on any thread.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Waits until `condition` holds; panics after ten seconds.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "it did not happen within a minute");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The dead letters of a node, as far as its first page.
pub(crate) async fn letters(node: &Node) -> Vec<DeadLetter> {
    node.dead_letters().flush().await.unwrap();
    node.dead_letters().list(Filter::default()).await.unwrap().letters
}
