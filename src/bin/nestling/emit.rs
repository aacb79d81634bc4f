//! `nestling emit`: tells, and waits for nobody.

use std::time::Duration;

use crate::connection::{Connection, within};
use crate::failure::Failure;
use crate::packet::PacketArgs;
use crate::time::duration;

/// Emits an event, and returns when it was handed to the socket
///
/// An event is not answered: nothing tells whether anybody subscribes to it.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    packet: PacketArgs,

    /// How long to wait for the connection, and for the socket to take the event
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    timeout: Duration,
}

const AFTER_HELP: &str = "\
Examples:
  nestling emit tcp://127.0.0.1:3000 order.created '{\"order_id\":7}'
  nestling emit localhost:3000 user.created '{\"id\":1}' --header x-correlation-id=import-17";

pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let prepared = args.packet.prepare()?;
    let mut frame = Vec::new();
    prepared.packet(None).event(&mut frame).map_err(|error| Failure::Usage(error.to_string()))?;

    let address = &args.packet.address;
    let mut connection = Connection::open(address, args.timeout).await?;
    let handed = async {
        connection.write(&frame).await?;
        connection.finish().await
    };
    within(args.timeout, address, "the event was not taken", handed).await
}
