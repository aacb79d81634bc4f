//! Heap allocations of one request and of one emit, which are exact where times are noisy.

use std::alloc::System;
use std::sync::Arc;

use nestling_benches::contest::Contestant;
use nestling_benches::events::{Emit, FanOut, Tally, broadcast, settle};
use nestling_benches::peers::{nestling, raw_actix};
use nestling_benches::requests::{Load, asking};
use nestling_benches::rig::{ActixRig, Rig};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TIMES: u64 = 10_240;

fn main() {
    let rig = ActixRig::new();
    println!("{:<34}  {:>11}  {:>7}", "allocations of one operation", "allocations", "bytes");
    let raw = rig.block_on(async { raw_actix::Send::start(raw_actix::DEFAULT_CAPACITY) });
    count(asking("request, actix", &rig, Load::One, raw));
    count(asking("request, nestling", &rig, Load::One, rig.block_on(nestling::Send::start())));
    for (hub, node, width) in [
        ("emit to 1, actix hub", "emit to 1, nestling", 1),
        ("emit to 8, actix hub", "emit to 8, nestling", 8),
        ("emit to 64, actix hub", "emit to 64, nestling", 64),
    ] {
        let fan_out = FanOut { width, batch: 64 };
        count(emitting(hub, &rig, fan_out, async |tally| raw_actix::Hub::start(fan_out, tally)));
        count(emitting(node, &rig, fan_out, async |tally| nestling::Emitter::start(fan_out, tally).await));
    }
}

fn emitting<E: Emit>(
    name: &'static str,
    rig: &ActixRig,
    fan_out: FanOut,
    start: impl AsyncFnOnce(&Arc<Tally>) -> E,
) -> Contestant {
    let tally = Arc::new(Tally::default());
    let peer = rig.block_on(async {
        let peer = start(&tally).await;
        settle().await;
        peer
    });
    broadcast(name, rig.clone(), fan_out, tally, peer)
}

fn count(mut contestant: Contestant) {
    // Queues reach their size first.
    contestant.run(TIMES);
    let region = Region::new(HEAP);
    contestant.run(TIMES);
    let change = region.change();
    let each = |total: usize| total as f64 / TIMES as f64;
    println!(
        "{:<34}  {:>11.2}  {:>7.0}",
        contestant.name(),
        each(change.allocations),
        each(change.bytes_allocated)
    );
}
