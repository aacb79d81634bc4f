//! `nestling send`: asks, and prints what comes back.

use std::time::Duration;

use nestling::__private::tool::Part;

use crate::address::Address;
use crate::failure::Failure;
use crate::json::one_line;
use crate::output::Output;
use crate::packet::PacketArgs;
use crate::time::duration;
use crate::waiting::within;
use crate::{nats, tcp};

/// Sends a message and prints its response as one line of JSON
///
/// A response without a value prints nothing. The service's own error goes to stderr, as it came, with exit status 1.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    packet: PacketArgs,

    /// How long to wait for the connection, and for each reply
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    timeout: Duration,

    /// Print every item of a stream, a line each, and not only the first
    #[arg(long)]
    all: bool,
}

const AFTER_HELP: &str = "\
Examples:
  nestling send tcp://127.0.0.1:3000 '{\"cmd\":\"sum\"}' '[1,2]'
  nestling send localhost:3000 check_inventory '{\"product_id\":\"lp\",\"quantity\":2}' --timeout 2s
  nestling send --all localhost:3000 prices | head -3
  nestling send nats://localhost '{\"cmd\":\"sum\"}' '[1,2]'          a service behind a NATS server
  generate | nestling send localhost:3000 import -";

enum Seen {
    Value { line: String, is_last: bool },
    End,
    Error(String),
    NoHandler,
}

/// A request that was made.
enum Call {
    Tcp(tcp::Connection),
    Nats(nats::Call),
}

impl Call {
    async fn make(args: &Args) -> Result<Self, Failure> {
        let prepared = args.packet.prepare()?;
        let packet = prepared.packet(None);
        let address = &args.packet.address;
        let taken = "the request was not taken";
        match address {
            Address::Tcp(to) => {
                let mut frame = Vec::new();
                packet.request(&mut frame, 1).map_err(|error| Failure::Usage(error.to_string()))?;
                let mut connection = args.packet.connect_tcp(to, args.timeout).await?;
                within(args.timeout, address, taken, connection.write(&frame)).await?;
                Ok(Self::Tcp(connection))
            }
            Address::Nats(server) => {
                let (connection, subject) = args.packet.connect_nats(server, args.timeout).await?;
                let made = nats::Call::make(connection, subject, &packet);
                within(args.timeout, address, taken, made).await.map(Self::Nats)
            }
        }
    }

    async fn next(&mut self) -> Result<Seen, Failure> {
        match self {
            Self::Tcp(connection) => connection.next(seen).await,
            Self::Nats(call) => call.next(seen).await,
        }
    }
}

pub(crate) async fn run(args: &Args, output: &mut Output) -> Result<(), Failure> {
    let address = &args.packet.address;
    let mut call = Call::make(args).await?;
    loop {
        match within(args.timeout, address, "no reply", call.next()).await? {
            Seen::Value { line, is_last } => {
                output.line(line)?;
                if is_last || !args.all {
                    return Ok(());
                }
                output.flush()?;
            }
            Seen::End => return Ok(()),
            Seen::Error(json) => {
                output.flush()?;
                return Err(Failure::Service(json));
            }
            Seen::NoHandler => {
                let pattern = args.packet.pattern.get();
                return Err(Failure::Nobody(format!("no service at {address} handles {pattern}")));
            }
        }
    }
}

fn seen(part: Part<'_>) -> Seen {
    match part {
        // JSON has no word for an item that is `undefined`.
        Part::Value { json, is_last } => Seen::Value { line: one_line(json.unwrap_or("null")), is_last },
        Part::End => Seen::End,
        Part::Error(json) => Seen::Error(one_line(json)),
        Part::NoHandler => Seen::NoHandler,
    }
}
