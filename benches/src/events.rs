//! The event workload: a sale of three integers goes to every subscriber, which adds it up.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::contest::Contestant;
use crate::rig::Rig;

/// What an event carries, the same for all contestants.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Sale {
    /// Which order.
    pub order: u64,
    /// Whose.
    pub customer: u64,
    /// For how much.
    pub cents: u64,
}

impl Sale {
    /// The event number `order`.
    #[must_use]
    pub fn number(order: u64) -> Self {
        Self { order, customer: order & 0xff, cents: 1_499 }
    }
}

/// Counts deliveries across the subscribers of a contestant and wakes the bench after the last.
///
/// It is `Send` for the peers that ask for it, but lives on one thread: loads and stores suffice, so that the bench
/// adds no locked instruction to a delivery.
#[derive(Debug, Default)]
pub struct Tally {
    handled: AtomicU64,
    expected: AtomicU64,
    all_handled: Notify,
}

impl Tally {
    /// Asks to be woken after `deliveries` more.
    pub fn expect(&self, deliveries: u64) {
        self.expected.store(self.handled.load(Ordering::Relaxed) + deliveries, Ordering::Relaxed);
    }

    /// Waits for the deliveries that were asked for.
    pub async fn wait(&self) {
        while self.handled.load(Ordering::Relaxed) < self.expected.load(Ordering::Relaxed) {
            self.all_handled.notified().await;
        }
    }

    fn count(&self) {
        let handled = self.handled.load(Ordering::Relaxed) + 1;
        self.handled.store(handled, Ordering::Relaxed);
        if handled == self.expected.load(Ordering::Relaxed) {
            self.all_handled.notify_one();
        }
    }
}

/// What the subscriber of every contestant does with an event.
#[derive(Debug, Clone)]
pub struct Till {
    cents: u64,
    tally: Arc<Tally>,
}

impl Till {
    /// A till that reports to `tally`.
    #[must_use]
    pub fn new(tally: &Arc<Tally>) -> Self {
        Self { cents: 0, tally: Arc::clone(tally) }
    }

    /// Takes one sale.
    pub fn ring_up(&mut self, sale: &Sale) {
        self.cents = self.cents.wrapping_add(sale.cents ^ sale.order ^ sale.customer);
        self.tally.count();
    }
}

/// A contestant's way to emit: it hands the event over and does not wait.
pub trait Emit: 'static {
    /// Sends `sale` to every subscriber.
    fn emit(&self, sale: Sale);

    /// Waits for what the contestant has put off beyond its deliveries; part of the measured time.
    fn settle(&self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}

/// How an event goes out: to how many subscribers, and how many events at once.
#[derive(Debug, Clone, Copy)]
pub struct FanOut {
    /// The number of subscribers.
    pub width: usize,
    /// The number of events that are emitted before the bench waits for their deliveries.
    pub batch: u64,
}

/// A contestant that emits batches and waits until every subscriber has handled every event of a batch.
///
/// The time is that of one event: from its emit to the last of its deliveries, shared among its batch.
pub fn broadcast(
    name: &'static str,
    rig: impl Rig,
    FanOut { width, batch }: FanOut,
    tally: Arc<Tally>,
    peer: impl Emit,
) -> Contestant {
    let peer = Rc::new(peer);
    Contestant::new(name, move |events| {
        let (peer, tally) = (Rc::clone(&peer), Arc::clone(&tally));
        let batches = events.div_ceil(batch);
        let elapsed = rig.block_on(async move {
            let start = Instant::now();
            for _ in 0..batches {
                tally.expect(batch * width as u64);
                for order in 0..batch {
                    peer.emit(Sale::number(order));
                }
                tally.wait().await;
            }
            peer.settle().await;
            start.elapsed()
        });
        elapsed.mul_f64(events as f64 / (batches * batch) as f64)
    })
}

/// Lets everything that was started come up before anything is measured.
pub async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(1)).await;
}
