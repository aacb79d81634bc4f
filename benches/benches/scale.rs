//! One emit and one request while the node holds 10, 1,000 and 100,000 subscriptions to other patterns. The rows of
//! this crate should be equal.

use std::sync::Arc;

use nestling_benches::contest::{Bench, Contestant};
use nestling_benches::crowd::Crowded;
use nestling_benches::events::{FanOut, Tally, broadcast, settle};
use nestling_benches::peers::raw_actix::{self, DEFAULT_CAPACITY};
use nestling_benches::requests::{Load, asking};
use nestling_benches::rig::{ActixRig, Rig};

const SIZES: [(&str, usize); 3] =
    [("nestling, 10 others", 10), ("nestling, 1,000 others", 1_000), ("nestling, 100,000 others", 100_000)];

const ONE: FanOut = FanOut { width: 1, batch: 64 };

fn main() {
    let mut bench = Bench::from_args("scale");
    bench.contest("emit", emits(), &[]);
    bench.contest("request", requests(), &[]);
    bench.finish();
}

fn emits() -> Vec<Contestant> {
    let rig = ActixRig::new();
    let tally = Arc::new(Tally::default());
    let hub = rig.block_on(async { raw_actix::Hub::start(ONE, &tally) });
    let mut contestants = vec![broadcast("actix", rig.clone(), ONE, tally, hub)];
    for (name, others) in SIZES {
        let tally = Arc::new(Tally::default());
        let node = start(&rig, others, &tally);
        contestants.push(broadcast(name, rig.clone(), ONE, tally, node));
    }
    contestants
}

fn requests() -> Vec<Contestant> {
    let rig = ActixRig::new();
    let send = rig.block_on(async { raw_actix::Send::start(DEFAULT_CAPACITY) });
    let mut contestants = vec![asking("actix", &rig, Load::One, send)];
    for (name, others) in SIZES {
        let node = start(&rig, others, &Arc::new(Tally::default()));
        contestants.push(asking(name, &rig, Load::One, node));
    }
    contestants
}

fn start(rig: &ActixRig, others: usize, tally: &Arc<Tally>) -> Crowded {
    rig.block_on(async {
        let node = Crowded::start(others, tally).await;
        settle().await;
        node
    })
}
