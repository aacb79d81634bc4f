//! `nestling bench`: how fast a service answers.

mod asking;
mod emitting;
mod progress;
mod report;
mod tally;

use std::cell::RefCell;
use std::time::Duration;

use clap::value_parser;
use futures::future::join_all;
use serde_json::value::to_raw_value;

use crate::connection::Connection;
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
        connections.push(Connection::open(&args.packet.address, PATIENCE).await?);
    }
    let clock = Clock::start(args.warmup, args.duration);
    let tally = RefCell::new(Tally::new());
    let load = async {
        if args.events {
            let mut frame = Vec::new();
            packet.event(&mut frame).map_err(|error| Failure::Usage(error.to_string()))?;
            let emitted = connections.into_iter().map(|one| emitting::run(one, &frame, &clock, &tally));
            join_all(emitted).await.into_iter().collect::<Result<(), Failure>>()
        } else {
            let asked =
                connections.into_iter().map(|one| asking::run(one, &packet, args.in_flight, &clock, &tally));
            join_all(asked).await.into_iter().collect::<Result<(), Failure>>()
        }
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
