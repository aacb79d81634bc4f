//! Heap bytes of one idle actor, service or task.

use std::alloc::System;
use std::sync::Arc;

use nestling_benches::events::{FanOut, Tally, settle};
use nestling_benches::idler;
use nestling_benches::peers::{kameo, ractor, raw_actix, tokio_channels};
use nestling_benches::rig::{ActixRig, Rig, TokioRig};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many there are of each: enough that what they share does not show.
const COUNT: usize = 1_000;

fn main() {
    let all = FanOut { width: COUNT, batch: 1 };
    println!("{:<34}  {:>10}  {:>11}", "idle", "heap bytes", "allocations");
    // A rig each, so that nothing of the one before is freed while the next is counted.
    idle("actix actor, in a hub's list", &ActixRig::new(), async |tally| raw_actix::Hub::start(all, tally));
    idle("nestling service, 3 subscriptions", &ActixRig::new(), async |_| idler::start(COUNT).await);
    idle("ractor actor, one output port", &TokioRig::new(), async |tally| {
        ractor::Port::start(all, tally).await
    });
    idle("kameo actor, one topic", &TokioRig::new(), async |tally| kameo::Topic::start(all, tally));
    idle("tokio task, one broadcast", &TokioRig::new(), async |tally| {
        tokio_channels::Broadcast::start(all, tally)
    });
}

fn idle<S>(name: &str, rig: &impl Rig, start: impl AsyncFnOnce(&Arc<Tally>) -> S) {
    let tally = Arc::new(Tally::default());
    let region = Region::new(HEAP);
    let started = rig.block_on(async {
        let started = start(&tally).await;
        settle().await;
        started
    });
    let change = region.change();
    let bytes = change.bytes_allocated as isize - change.bytes_deallocated as isize;
    let live = change.allocations as isize - change.deallocations as isize;
    println!("{name:<34}  {:>10}  {:>11.1}", bytes / COUNT as isize, live as f64 / COUNT as f64);
    drop(started);
}
