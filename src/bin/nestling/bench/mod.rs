//! `nestling bench`: how fast a service answers.

mod nats;
mod progress;
mod report;
mod tally;
mod tcp;

use std::cell::RefCell;
use std::time::Duration;

use clap::value_parser;
use futures::future::join_all;
use nestling::__private::tool::Packet;
use serde_json::value::to_raw_value;

use crate::address::Address;
use crate::failure::Failure;
use crate::output::Output;
use crate::packet::PacketArgs;
use crate::time::duration;
use report::Report;
use tally::{Clock, Tally};

/// Sends the same message again and again, and tells how fast the answers come
///
/// Each connection keeps so many requests in flight: an answer lets the next request go. The latency is from when a request was
/// made to when its last reply was read. The load comes from one thread.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    packet: PacketArgs,

    /// How many requests each connection keeps in flight
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = value_parser!(u32).range(1..=100_000))]
    in_flight: u32,

    /// How long to measure
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    duration: Duration,

    /// How many connections
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=60_000))]
    connections: u32,

    /// A payload of this many letters, in place of DATA
    #[arg(long, value_name = "BYTES", value_parser = value_parser!(u32).range(..=64 * 1024 * 1024))]
    payload: Option<u32>,

    /// How long to run before the measuring begins
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    warmup: Duration,

    /// Emit events instead, as fast as the socket takes them; there are no latencies then
    #[arg(long, conflicts_with = "in_flight")]
    events: bool,

    /// Print one line of JSON, with latencies in microseconds
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Examples:
  nestling bench tcp://127.0.0.1:3000 '{\"cmd\":\"sum\"}' '[1,2]' --in-flight 256 --duration 5s
  nestling bench localhost:3000 echo --payload 4096 --connections 8
  nestling bench localhost:3000 order.created '{\"order_id\":7}' --events --json
  nestling bench nats://localhost echo hello --in-flight 256    replies come to one inbox a connection

Exit status: 1 if any request was answered with an error, 3 if a connection failed or requests went unanswered.";

/// How long to wait for a connection, and at the end for what is in flight.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn run(args: &Args, output: &mut Output) -> Result<(), Failure> {
    if args.payload.is_some() && args.packet.has_data() {
        return Err(Failure::Usage("DATA and --payload cannot be used together".to_owned()));
    }
    let prepared = args.packet.prepare()?;
    let letters = args.payload.map(|bytes| "x".repeat(bytes as usize));
    let payload = letters.map(|letters| to_raw_value(&letters)).transpose().map_err(std::io::Error::from)?;
    let packet = prepared.packet(payload.as_deref());

    let mut connections = Vec::new();
    for _ in 0..args.connections {
        connections.push(Connection::open(&args.packet).await?);
    }
    let clock = Clock::start(args.warmup, args.duration);
    let tally = RefCell::new(Tally::new());
    let load = async {
        let loads = connections.into_iter().map(|one| one.load(args, &packet, &clock, &tally));
        join_all(loads).await.into_iter().collect::<Result<(), Failure>>()
    };
    let limit = args.warmup + args.duration + PATIENCE;
    let ended = tokio::select! {
        ended = tokio::time::timeout(limit, load) => ended.unwrap_or(Ok(())),
        () = progress::show(&clock, &tally) => Ok(()),
    };
    // A connection that was lost is told after what was measured before.
    let tally = tally.into_inner();
    Report::new(args, &tally).print(args.json, output)?;
    output.flush()?;
    ended?;
    match (tally.first_error, tally.unanswered) {
        (Some(error), _) => Err(Failure::Service(error)),
        (None, 0) => Ok(()),
        (None, unanswered) => Err(Failure::Unreachable(format!(
            "{unanswered} requests were not answered within {PATIENCE:?} of the end"
        ))),
    }
}

/// A connection to put the load on.
enum Connection {
    Tcp(crate::tcp::Connection),
    Nats(crate::nats::Connection, String),
}

impl Connection {
    async fn open(packet: &PacketArgs) -> Result<Self, Failure> {
        Ok(match &packet.address {
            Address::Tcp(address) => Self::Tcp(packet.connect_tcp(address, PATIENCE).await?),
            Address::Nats(address) => {
                let (connection, subject) = packet.connect_nats(address, PATIENCE).await?;
                Self::Nats(connection, subject)
            }
        })
    }

    async fn load(
        self,
        args: &Args,
        packet: &Packet<'_>,
        clock: &Clock,
        tally: &RefCell<Tally>,
    ) -> Result<(), Failure> {
        match self {
            Self::Tcp(one) if args.events => tcp::emitting::run(one, packet, clock, tally).await,
            Self::Tcp(one) => tcp::asking::run(one, packet, args.in_flight, clock, tally).await,
            Self::Nats(one, subject) if args.events => {
                nats::emitting::run(one, subject, packet, clock, tally, PATIENCE).await
            }
            Self::Nats(one, subject) => {
                nats::asking::run(one, subject, packet, args.in_flight, clock, tally).await
            }
        }
    }
}
