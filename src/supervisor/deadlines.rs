//! The deadlines of a node: one task that sleeps until the next one. A timer for each request would cost a third
//! of the request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::inbox::Inbox;

/// Deadlines that are nearer together than this are kept in one go.
const GRAIN: Duration = Duration::from_millis(10);

/// No deadline at all.
const NEVER: u64 = u64::MAX;

/// Keeps the deadlines of all inboxes of a node.
#[derive(Debug)]
pub(crate) struct Deadlines {
    epoch: Instant,
    /// The next time to look, in microseconds since `epoch`.
    next: AtomicU64,
    sooner: Notify,
    inboxes: Mutex<Vec<Weak<Inbox>>>,
}

impl Deadlines {
    pub(crate) fn new() -> Arc<Self> {
        let (next, sooner) = (AtomicU64::new(NEVER), Notify::new());
        Arc::new(Self { epoch: Instant::now(), next, sooner, inboxes: Mutex::default() })
    }

    pub(super) fn watch(&self, inbox: &Arc<Inbox>) {
        let mut inboxes = self.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        // Inboxes come and go with run-time subscriptions.
        if inboxes.len() == inboxes.capacity() {
            inboxes.retain(|inbox| inbox.strong_count() > 0);
        }
        inboxes.push(Arc::downgrade(inbox));
    }

    /// Makes sure that somebody looks at `deadline`.
    pub(super) fn arm(&self, deadline: Instant) {
        let at = self.micros(deadline);
        if self.next.fetch_min(at, Ordering::AcqRel) > at {
            self.sooner.notify_one();
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.epoch).as_micros()).unwrap_or(NEVER - 1)
    }

    /// Fails everything that is past its deadline at `now`. It may be called from any thread: the watchdog does,
    /// when the node's own thread is blocked.
    pub(super) fn expire(&self, now: Instant) {
        if self.next.load(Ordering::Acquire) > self.micros(now) {
            return;
        }
        // Before the inboxes are asked: what is armed meanwhile must not be overwritten.
        self.next.store(NEVER, Ordering::Release);
        let inboxes: Vec<_> = {
            let mut inboxes = self.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
            inboxes.retain(|inbox| inbox.strong_count() > 0);
            inboxes.iter().filter_map(Weak::upgrade).collect()
        };
        for inbox in inboxes {
            if let Some(deadline) = inbox.expire(now) {
                let at = self.micros(deadline);
                self.next.fetch_min(at, Ordering::AcqRel);
            }
        }
    }

    /// Keeps the deadlines until the node is gone.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            let next = self.next.load(Ordering::Acquire);
            if next == NEVER {
                self.sooner.notified().await;
                continue;
            }
            let deadline = self.epoch + Duration::from_micros(next);
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => {}
                () = self.sooner.notified() => continue,
            }
            self.expire(Instant::now());
            let again = self.next.load(Ordering::Acquire);
            if again != NEVER && self.epoch + Duration::from_micros(again) < Instant::now() + GRAIN {
                tokio::time::sleep(GRAIN.min(Duration::from_millis(2))).await;
            }
        }
    }
}
