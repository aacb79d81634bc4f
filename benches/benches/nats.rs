//! Over a NATS server of this machine: a text to a responder on another thread and back, and events that a stream stores
//! and a consumer on another thread handles.
//!
//! Every contestant has one thread for what serves and one for what asks, each with a current-thread runtime; all share
//! the server. async-nats carries the bare text, Nestling a NestJS packet.

#[path = "../../tests/support/nats_server.rs"]
mod nats_server;

use std::time::Duration;

use nats_server::NatsServer;
use nestling_benches::contest::{Bench, Contestant};
use nestling_benches::durable::{Handled, durable};
use nestling_benches::echo::{Load, echoing};
use nestling_benches::peers::async_nats::{self, Consumption, Publisher};
use nestling_benches::peers::nestling_nats;
use nestling_benches::rig::{ActixRig, Rig, TokioRig};

/// A round trip over the server takes long, and a consumer long to get going.
const TURN: Duration = Duration::from_millis(20);

fn main() {
    let server = NatsServer::jetstream();
    requests(&server.url());
    events(&server.url());
}

fn requests(url: &str) {
    let mut bench = Bench::from_args("nats request").turns_of(TURN);
    async_nats::serve(url.to_owned());
    nestling_nats::serve(url.to_owned());
    for bytes in [32, 1024] {
        for in_flight in [1, 64, 256] {
            let title = format!("{in_flight} × {bytes} B");
            bench.contest(&title, asking(url, Load { in_flight, bytes }), &[("nestling", 1.20)]);
        }
    }
    bench.finish();
}

fn asking(url: &str, load: Load) -> Vec<Contestant> {
    let (tokio, actix) = (TokioRig::new(), ActixRig::new());
    let raw = || tokio.block_on(async_nats::Client::connect(url));
    vec![
        echoing("async-nats", &tokio, load, raw()),
        // The same again: how far it is from 1.00 is the noise of the run.
        echoing("async-nats, again", &tokio, load, raw()),
        echoing("nestling", &actix, load, actix.block_on(nestling_nats::Asker::connect(url))),
    ]
}

fn events(url: &str) {
    let mut bench = Bench::from_args("JetStream").turns_of(TURN);
    for bytes in [16, 1024] {
        bench.contest(&format!("{bytes} B"), publishing(url, bytes), &[("nestling, concurrency(256)", 1.25)]);
    }
    bench.finish();
}

fn publishing(url: &str, bytes: usize) -> Vec<Contestant> {
    let tokio = TokioRig::new();
    let raw = |row: &'static str, stream: &'static str, consumption, has_ids| {
        let handled = Handled::default().into();
        let publisher = tokio.block_on(Publisher::start(url, stream, consumption, has_ids, &handled));
        durable(row, &tokio, bytes, &handled, publisher)
    };
    vec![
        raw("async-nats", "PLAIN", Consumption::Many, false),
        raw("async-nats, again", "AGAIN", Consumption::Many, false),
        raw("async-nats, with Nats-Msg-Id", "IDS", Consumption::Many, true),
        raw("async-nats, one at a time", "ORDERED", Consumption::Ordered, true),
    ]
}
