//! What is counted of a message pattern. A request is counted when it is taken, so that one that panics is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// The longest error that is kept, in bytes.
const LONGEST: usize = 256;

/// What is counted of a message pattern.
#[derive(Debug, Default)]
pub(in crate::transport::nats) struct Count {
    requests: AtomicU64,
    errors: AtomicU64,
    nanos: AtomicU64,
    last_error: Mutex<String>,
}

impl Count {
    pub(in crate::transport::nats) fn taken(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has come to its end.
    pub(in crate::transport::nats) fn ended(&self, took: Duration) {
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A request has failed: `error` is what its sender is told.
    pub(in crate::transport::nats) fn failed(&self, error: &str) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        let mut last = self.last_error.lock();
        last.clear();
        last.push_str(&error[..error.floor_char_boundary(LONGEST)]);
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    pub(super) fn nanos(&self) -> u64 {
        self.nanos.load(Ordering::Relaxed)
    }

    pub(super) fn last_error(&self) -> String {
        self.last_error.lock().clone()
    }
}
