//! One event to 1, 8, 64 and 1,024 subscribers.

use std::sync::Arc;

use nestling_benches::contest::{Bench, Contestant};
use nestling_benches::events::{Emit, FanOut, Tally, broadcast, settle};
use nestling_benches::peers::{actix_broker, kameo, nestling, ractor, raw_actix, tokio_channels};
use nestling_benches::rig::{ActixRig, Rig, TokioRig};

/// The title, the number of subscribers, and the ratio to the hub that this crate must not exceed.
const WIDTHS: [(&str, usize, f64); 4] =
    [("1", 1, 1.3), ("8", 8, 1.0), ("64", 64, 1.0), ("1,024", 1_024, 1.0)];

/// One event at a time shows what waking everybody costs, a batch what an event costs a busy node.
const BATCHES: [(&str, u64); 2] = [("fan_out, one event at a time", 1), ("fan_out, batches of 64", 64)];

fn main() {
    for (name, batch) in BATCHES {
        let mut bench = Bench::from_args(name);
        for (title, width, must) in WIDTHS {
            let goals = [("nestling, takes E", must), ("nestling, takes Delivery<E>", must)];
            bench.contest(title, contestants(FanOut { width, batch }), &goals);
        }
        bench.finish();
    }
}

fn contestants(fan_out: FanOut) -> Vec<Contestant> {
    let actix = ActixRig::new();
    let tokio = TokioRig::new();
    vec![
        start("actix hub", &actix, fan_out, async |tally| raw_actix::Hub::start(fan_out, tally)),
        // The same again: how far it is from 1.00 is the noise of the run.
        start("actix hub, again", &actix, fan_out, async |tally| raw_actix::Hub::start(fan_out, tally)),
        start("nestling, takes E", &actix, fan_out, async |tally| {
            nestling::Emitter::start(fan_out, tally).await
        }),
        start("nestling, takes Delivery<E>", &actix, fan_out, async |tally| {
            nestling::Emitter::start_readers(fan_out, tally).await
        }),
        start("actix-broker", &actix, fan_out, async |tally| actix_broker::Issue::start(fan_out, tally)),
        start("ractor OutputPort", &tokio, fan_out, async |tally| ractor::Port::start(fan_out, tally).await),
        start("kameo_actors PubSub", &tokio, fan_out, async |tally| kameo::Topic::start(fan_out, tally)),
        start("tokio mpsc hub", &actix, fan_out, async |tally| tokio_channels::Hub::start(fan_out, tally)),
        start("tokio broadcast", &tokio, fan_out, async |tally| {
            tokio_channels::Broadcast::start(fan_out, tally)
        }),
    ]
}

fn start<E: Emit>(
    name: &'static str,
    rig: &impl Rig,
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
