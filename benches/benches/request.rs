//! A request and its response: 1 and 1,000 in flight.

use nestling_benches::contest::{Bench, Contestant};
use nestling_benches::peers::raw_actix::{DEFAULT_CAPACITY, UNBOUNDED};
use nestling_benches::peers::{kameo, nestling, ractor, raw_actix};
use nestling_benches::requests::{Load, asking};
use nestling_benches::rig::{ActixRig, Rig, TokioRig};

fn main() {
    let mut bench = Bench::from_args("request");
    bench.contest("1 in flight", contestants(Load::One), &[("nestling client.send", 1.10)]);
    bench.contest("1,000 in flight", contestants(Load::Bulk), &[("nestling client.send", 1.00)]);
    bench.finish();
}

fn contestants(load: Load) -> Vec<Contestant> {
    let actix = ActixRig::new();
    let tokio = TokioRig::new();
    let raw = |capacity| actix.block_on(async { raw_actix::Send::start(capacity) });
    let call = tokio.block_on(ractor::Call::start());
    let ask = tokio.block_on(async { kameo::AskRef::start() });
    vec![
        asking("actix send", &actix, load, raw(DEFAULT_CAPACITY)),
        // The same again: how far it is from 1.00 is the noise of the run.
        asking("actix send, again", &actix, load, raw(DEFAULT_CAPACITY)),
        asking("actix send, capacity 0", &actix, load, raw(UNBOUNDED)),
        asking("nestling client.send", &actix, load, actix.block_on(nestling::Send::start())),
        asking("nestling Addr::send", &actix, load, actix.block_on(nestling::SendToAddr::start())),
        asking("ractor call", &tokio, load, call),
        asking("kameo ask", &tokio, load, ask),
    ]
}
