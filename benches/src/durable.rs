//! The durable workload: events go to a stream of a broker, which stores them, and to a consumer on another thread, which
//! acknowledges each when it has handled it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use tokio::sync::Notify;

use crate::contest::Contestant;
use crate::rig::Rig;

/// How many events may be published and not yet stored.
pub const UNCONFIRMED: u64 = 256;
/// How many events a consumer may hold.
pub const PREFETCH: usize = 256;
/// How many events a stream keeps: more would fill the disk.
pub const KEPT: u64 = 40_000;

/// A contestant's publisher.
pub trait Publish: 'static {
    /// Publishes `text`; resolves when the broker has stored it.
    fn publish(&self, text: String) -> impl Future<Output = ()>;
}

impl<P: Publish> Publish for Rc<P> {
    fn publish(&self, text: String) -> impl Future<Output = ()> {
        (**self).publish(text)
    }
}

/// Counts, on the consumer's thread, what was handled, and wakes the bench after the last.
#[derive(Debug, Default)]
pub struct Handled {
    count: AtomicU64,
    expected: AtomicU64,
    all: Notify,
}

impl Handled {
    /// An event was handled.
    pub fn one(&self) {
        let count = self.count.fetch_add(1, Ordering::AcqRel) + 1;
        if count == self.expected.load(Ordering::Acquire) {
            self.all.notify_one();
        }
    }

    async fn wait(&self) {
        while self.count.load(Ordering::Acquire) < self.expected.load(Ordering::Acquire) {
            self.all.notified().await;
        }
    }
}

/// A contestant that publishes texts of so many bytes, until all are stored and handled.
pub fn durable(
    name: &'static str,
    rig: &impl Rig,
    bytes: usize,
    handled: &Arc<Handled>,
    peer: impl Publish,
) -> Contestant {
    let (rig, text, handled) = (rig.clone(), "x".repeat(bytes), Arc::clone(handled));
    Contestant::new(name, move |events| rig.block_on(run(&peer, &text, events, &handled)))
}

async fn run(peer: &impl Publish, text: &str, events: u64, handled: &Handled) -> Duration {
    let start = Instant::now();
    let mut left = events;
    while left > 0 {
        // A consumer that is further behind than the stream keeps would never see the last of them.
        let some = left.min(KEPT / 2);
        publish(peer, text, some, handled).await;
        left -= some;
    }
    start.elapsed()
}

async fn publish(peer: &impl Publish, text: &str, events: u64, handled: &Handled) {
    handled.expected.fetch_add(events, Ordering::AcqRel);
    let left = Cell::new(events);
    let publishing = async || {
        while let Some(rest) = left.get().checked_sub(1) {
            left.set(rest);
            peer.publish(text.to_owned()).await;
        }
    };
    join(join_all((0..UNCONFIRMED.min(events)).map(|_| publishing())), handled.wait()).await;
}
