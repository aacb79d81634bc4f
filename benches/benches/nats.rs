//! Over a NATS server of this machine: a text to a responder on another thread and back, and events that a stream stores
//! and a consumer on another thread handles.
//!
//! Every contestant has one thread for what serves and one for what asks, each with a current-thread runtime; all share
//! the server. async-nats carries the bare text, and in a row of its own what Nestling does: a NestJS packet, an event's
//! headers.

#[path = "../../tests/support/nats_server.rs"]
mod nats_server;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use nats_server::NatsServer;
use nestling_benches::contest::{Bench, Contestant};
use nestling_benches::durable::{Handled, Publish, durable};
use nestling_benches::echo::{Load, echoing};
use nestling_benches::peers::async_nats::{self, Consumption, Headers, Publisher};
use nestling_benches::peers::{async_nats_packets, nestling_nats};
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
    async_nats_packets::serve(url.to_owned());
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
    let packets = async_nats_packets::Client::connect(url);
    vec![
        echoing("async-nats", &tokio, load, raw()),
        // The same again: how far it is from 1.00 is the noise of the run.
        echoing("async-nats, again", &tokio, load, raw()),
        // What the JSON costs that Nestling's requests are made of.
        echoing("async-nats, with NestJS's packets", &tokio, load, tokio.block_on(packets)),
        echoing("nestling", &actix, load, actix.block_on(nestling_nats::Asker::connect(url))),
    ]
}

fn events(url: &str) {
    let mut bench = Bench::from_args("JetStream").turns_of(TURN);
    let peers = peers(url);
    for bytes in [16, 1024] {
        let contestants = peers.iter().map(|peer| peer(bytes)).collect();
        bench.contest(&format!("{bytes} B"), contestants, &[("nestling, concurrency", 1.25)]);
    }
    bench.finish();
}

/// A publisher with its consumer, as a contestant with events of so many bytes.
type Peer = Box<dyn Fn(usize) -> Contestant>;

fn peers(url: &str) -> Vec<Peer> {
    let (tokio, actix) = (TokioRig::new(), ActixRig::new());
    let raw = |row, stream, consumption, headers| {
        let handled = Arc::default();
        let publisher = Publisher::start(url, stream, consumption, headers, &handled);
        peer(row, &tokio, &handled, tokio.block_on(publisher))
    };
    let (free, ordered) = (Arc::default(), Arc::default());
    let freely = actix.block_on(nestling_nats::Publisher::free(url, &free));
    let in_order = actix.block_on(nestling_nats::Publisher::ordered(url, &ordered));
    vec![
        raw("async-nats", "PLAIN", Consumption::Many, Headers::None),
        raw("async-nats, again", "AGAIN", Consumption::Many, Headers::None),
        raw("async-nats, with Nats-Msg-Id", "IDS", Consumption::Many, Headers::Id),
        raw("async-nats, with Nestling's headers", "HEADERS", Consumption::Many, Headers::Nestling),
        peer("nestling, concurrency", &actix, &free, freely),
        // Order costs a round trip an event, whoever pays it.
        raw("async-nats, one at a time", "ONE", Consumption::Ordered, Headers::Nestling),
        peer("nestling, in order", &actix, &ordered, in_order),
    ]
}

fn peer(name: &'static str, rig: &impl Rig, handled: &Arc<Handled>, publisher: impl Publish) -> Peer {
    let (rig, handled, publisher) = (rig.clone(), Arc::clone(handled), Rc::new(publisher));
    Box::new(move |bytes| durable(name, &rig, bytes, &handled, Rc::clone(&publisher)))
}
