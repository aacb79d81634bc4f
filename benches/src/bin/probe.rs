//! Runs one contestant's workload so many times and exits, for a profiler to watch: `probe WORKLOAD CONTESTANT TIMES`.

#[path = "../../../tests/support/nats_server.rs"]
mod nats_server;

use std::process::ExitCode;
use std::sync::Arc;

use ::nestling::MemoryStore;
use nats_server::NatsServer;
use nestling_benches::contest::Contestant;
use nestling_benches::durable::durable;
use nestling_benches::echo;
use nestling_benches::events::{FanOut, Tally, broadcast, settle};
use nestling_benches::failing::Office;
use nestling_benches::peers::async_nats::{Consumption, Headers};
use nestling_benches::peers::{async_nats, nestling, nestling_nats, raw_actix};
use nestling_benches::requests::{Load, asking};
use nestling_benches::rig::{ActixRig, Rig, TokioRig};

const USAGE: &str = "usage: probe request|bulk|emit-WIDTH|emit-WIDTH-batch|fail-EVERY|nats-IN_FLIGHT-BYTES|\
     jetstream-BYTES CONTESTANT TIMES";

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let mut server = None;
    let contestant = match &args[..] {
        [workload, peer, times] => contestant(workload, peer, &mut server).zip(times.parse().ok()),
        _ => None,
    };
    let Some((mut contestant, times)) = contestant else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let elapsed = contestant.run(times);
    println!("{:.0} ns each", elapsed.as_secs_f64() * 1e9 / times as f64);
    ExitCode::SUCCESS
}

fn contestant(workload: &str, peer: &str, server: &mut Option<NatsServer>) -> Option<Contestant> {
    let rig = ActixRig::new();
    if workload.starts_with("nats-") || workload.starts_with("jetstream-") {
        let url = server.insert(NatsServer::jetstream()).url();
        let (workload, number) = workload.split_once('-')?;
        if workload == "jetstream" {
            return jetstream(&rig, &url, number.parse().ok()?, peer);
        }
        let (in_flight, bytes) = number.split_once('-')?;
        let load = echo::Load { in_flight: in_flight.parse().ok()?, bytes: bytes.parse().ok()? };
        return nats(&rig, &url, load, peer);
    }
    match workload {
        "request" => request(&rig, Load::One, peer),
        "bulk" => request(&rig, Load::Bulk, peer),
        _ if workload.starts_with("fail-") => failing(&rig, workload, peer),
        _ => emit(&rig, fan_out(workload)?, peer),
    }
}

/// `fail-EVERY`: every so manieth event fails, into a memory store.
fn failing(rig: &ActixRig, workload: &str, peer: &str) -> Option<Contestant> {
    let every = workload.strip_prefix("fail-")?.parse().ok().filter(|_| peer == "nestling")?;
    let tally = Arc::new(Tally::default());
    let store = MemoryStore::new(10_000);
    let office = rig.block_on(async {
        let office = Office::start(every, store, &tally, &Arc::default()).await;
        settle().await;
        office
    });
    Some(broadcast("nestling", rig.clone(), FanOut { width: 1, batch: 1_000 }, tally, office))
}

/// `emit-WIDTH`, one event at a time, or `emit-WIDTH-batch`.
fn fan_out(workload: &str) -> Option<FanOut> {
    let width = workload.strip_prefix("emit-")?;
    let (width, batch) = match width.strip_suffix("-batch") {
        Some(width) => (width, 64),
        None => (width, 1),
    };
    Some(FanOut { width: width.parse().ok()?, batch })
}

/// `nats-IN_FLIGHT-BYTES`: over NATS and back.
fn nats(rig: &ActixRig, url: &str, load: echo::Load, peer: &str) -> Option<Contestant> {
    match peer {
        "async-nats" => {
            let rig = TokioRig::new();
            async_nats::serve(url.to_owned());
            let client = rig.block_on(async_nats::Client::connect(url));
            Some(echo::echoing("async-nats", &rig, load, client))
        }
        "nestling" => {
            nestling_nats::serve(url.to_owned());
            let asker = rig.block_on(nestling_nats::Asker::connect(url));
            Some(echo::echoing("nestling", rig, load, asker))
        }
        _ => None,
    }
}

/// `jetstream-BYTES`: events that are stored, and handled by a consumer.
fn jetstream(rig: &ActixRig, url: &str, bytes: usize, peer: &str) -> Option<Contestant> {
    let handled = Arc::default();
    let raw = |consumption, headers| {
        let rig = TokioRig::new();
        let publisher = async_nats::Publisher::start(url, "PROBE", consumption, headers, &handled);
        durable("async-nats", &rig, bytes, &handled, rig.block_on(publisher))
    };
    match peer {
        "async-nats" => Some(raw(Consumption::Many, Headers::None)),
        "async-nats-id" => Some(raw(Consumption::Many, Headers::Id)),
        "async-nats-headers" => Some(raw(Consumption::Many, Headers::Nestling)),
        "async-nats-one" => Some(raw(Consumption::Ordered, Headers::Nestling)),
        "nestling" => {
            let publisher = rig.block_on(nestling_nats::Publisher::free(url, &handled));
            Some(durable("nestling", rig, bytes, &handled, publisher))
        }
        "nestling-ordered" => {
            let publisher = rig.block_on(nestling_nats::Publisher::ordered(url, &handled));
            Some(durable("nestling", rig, bytes, &handled, publisher))
        }
        _ => None,
    }
}

fn request(rig: &ActixRig, load: Load, peer: &str) -> Option<Contestant> {
    let raw = |capacity| rig.block_on(async { raw_actix::Send::start(capacity) });
    match peer {
        "actix" => Some(asking("actix", rig, load, raw(raw_actix::DEFAULT_CAPACITY))),
        "actix-0" => Some(asking("actix-0", rig, load, raw(raw_actix::UNBOUNDED))),
        "nestling" => Some(asking("nestling", rig, load, rig.block_on(nestling::Send::start()))),
        "nestling-addr" => {
            Some(asking("nestling-addr", rig, load, rig.block_on(nestling::SendToAddr::start())))
        }
        _ => None,
    }
}

fn emit(rig: &ActixRig, fan_out: FanOut, peer: &str) -> Option<Contestant> {
    let tally = Arc::new(Tally::default());
    rig.block_on(async {
        let contestant = match peer {
            "actix" => broadcast(
                "actix",
                rig.clone(),
                fan_out,
                Arc::clone(&tally),
                raw_actix::Hub::start(fan_out, &tally),
            ),
            "nestling" => {
                let peer = nestling::Emitter::start(fan_out, &tally).await;
                broadcast("nestling", rig.clone(), fan_out, Arc::clone(&tally), peer)
            }
            "nestling-delivery" => {
                let peer = nestling::Emitter::start_readers(fan_out, &tally).await;
                broadcast("nestling-delivery", rig.clone(), fan_out, Arc::clone(&tally), peer)
            }
            _ => return None,
        };
        settle().await;
        Some(contestant)
    })
}
