//! `nestling emit`: tells, and waits for nobody.

use std::time::Duration;

use nestling::__private::tool::WireError;

use crate::address::Address;
use crate::failure::Failure;
use crate::packet::PacketArgs;
use crate::time::duration;
use crate::waiting::within;

/// Emits an event, and returns when it was handed to the socket, or when the NATS server has it
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
  nestling emit localhost:3000 user.created '{\"id\":1}' --header x-correlation-id=import-17
  nestling emit nats://localhost order.created '{\"order_id\":7}' --creds app.creds";

pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let prepared = args.packet.prepare()?;
    let packet = prepared.packet(None);
    let unwritten = |error: WireError| Failure::Usage(error.to_string());
    let address = &args.packet.address;
    match address {
        Address::Tcp(to) => {
            let mut frame = Vec::new();
            packet.event(&mut frame).map_err(unwritten)?;
            let mut connection = args.packet.connect_tcp(to, args.timeout).await?;
            let handed = async {
                connection.write(&frame).await?;
                connection.finish().await
            };
            within(args.timeout, address, "the event was not taken", handed).await
        }
        Address::Nats(server) => {
            let body = packet.event_body().map_err(unwritten)?;
            let (mut connection, subject) = args.packet.connect_nats(server, args.timeout).await?;
            let handed = async {
                connection.publish(subject, None, packet.headers, body.into()).await?;
                connection.settle().await
            };
            within(args.timeout, address, "the event was not taken", handed).await
        }
    }
}
