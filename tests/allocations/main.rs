//! Broadcasting an event allocates nothing per subscriber, whether it comes among others or alone: an emit to 64 services
//! costs as many allocations as one to 8. An idle service takes little of the heap.
//! It is a binary of its own, for it counts what the whole process allocates.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::alloc::System;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nestling::prelude::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::sync::{Mutex, MutexGuard};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

mod idle;

/// One test at a time: what another allocates beside it would be counted too.
async fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("tick")]
struct Tick {
    n: u64,
}

struct Counter<const N: usize>(Arc<AtomicU64>);
impl<const N: usize> Actor for Counter<N> {
    type Context = Context<Self>;
}
impl<const N: usize> Supervised for Counter<N> {}
impl<const N: usize> Handler<Delivery<Tick>> for Counter<N> {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Delivery<Tick>, _: &mut Context<Self>) -> Self::Result {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

macro_rules! counters {
    ($($n:literal)+) => {
        $(impl Service for Counter<$n> {
            const NAME: &'static str = concat!("counter-", $n);
            fn patterns(patterns: &mut Patterns<Self>) {
                patterns.event::<Delivery<Tick>>();
            }
        })+

        async fn start(subscribers: usize, handled: &Arc<AtomicU64>) -> Node {
            let mut builder = Node::builder("test");
            $(if $n < subscribers {
                builder = builder.service(Counter::<$n>(Arc::clone(handled)));
            })+
            builder.start().await.unwrap()
        }
    };
}

counters!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40
    41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);

/// How events come.
#[derive(Clone, Copy)]
enum Come {
    /// All before the first is handled.
    Together,
    /// Each when the one before has been handled.
    Alone,
}

/// How many allocations 100 emits to so many subscribers cost, handled to the end.
async fn allocations(subscribers: usize, come: Come) -> usize {
    const EMITS: u64 = 100;
    let handled = Arc::new(AtomicU64::new(0));
    let node = start(subscribers, &handled).await;
    let client = node.client();
    let mut least = usize::MAX;
    let mut emitted = 0;
    let settle = async |emitted: u64| {
        while handled.load(Ordering::SeqCst) < emitted * subscribers as u64 {
            tokio::task::yield_now().await;
        }
    };
    // The first rounds let queues grow to their size; of the others the quietest counts, for threads of the process's
    // own may allocate beside it.
    for _ in 0..10 {
        let region = Region::new(ALLOCATOR);
        for n in 0..EMITS {
            client.emit(Tick { n });
            emitted += 1;
            if matches!(come, Come::Alone) {
                settle(emitted).await;
            }
        }
        settle(emitted).await;
        let change = region.change();
        least = least.min(change.allocations + change.reallocations);
    }
    node.shutdown(Duration::from_secs(5)).await;
    least
}

async fn assert_nothing_per_subscriber(come: Come) {
    let _turn = alone().await;
    let (few, many) = (allocations(8, come).await, allocations(64, come).await);
    assert_eq!(few, many, "100 emits to 8 subscribers and to 64");
    assert!(few >= 100, "something is measured");
}

#[actix::test]
async fn an_emit_allocates_nothing_per_subscriber() {
    assert_nothing_per_subscriber(Come::Together).await;
}

#[actix::test]
async fn an_emit_that_comes_alone_allocates_nothing_per_subscriber() {
    assert_nothing_per_subscriber(Come::Alone).await;
}
