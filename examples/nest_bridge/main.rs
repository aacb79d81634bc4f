//! An inventory in Rust, for a shop front in NestJS: each calls the other, and neither knows what the other is written in.
//!
//! ```text
//! cargo run --example nest_bridge
//! cd examples/nest_bridge/nest && npm ci && node main.js
//! ```
//!
//! ```text
//!   NestJS, 127.0.0.1:4002                          Rust, 127.0.0.1:4001
//!   Orders ──{cmd: check_inventory}, order.placed──▶ Inventory
//!   Prices ◀──────────────{cmd: quote_price}──────── Inventory
//!   Orders ◀────────order.packed, order.refused───── Inventory
//! ```

// An example talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod inventory;
mod messages;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use nestling::prelude::*;
use nestling::{Tcp, TcpClient};
use tracing_subscriber::EnvFilter;

use crate::inventory::Inventory;
use crate::messages::{OrderPacked, OrderRefused, QuotePrice};

/// The inventory of a shop whose front is written in NestJS. Ctrl-C ends it.
#[derive(Debug, Parser)]
#[command(name = "nest_bridge")]
struct Cli {
    /// Where the inventory is reached; port 0 is any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:4001")]
    listen: SocketAddr,

    /// Where the shop front is; it need not be there yet
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:4002")]
    shop: String,
}

#[actix::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    match open(&cli).await {
        Ok(node) => {
            for address in node.listening() {
                println!("listening {address}");
            }
            node.run_until_signal().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Were the shop front a service of this node, the three lines about `shop` would be one `.service(..)`, and nothing else
/// would change.
async fn open(cli: &Cli) -> Result<Node, StartError> {
    let shop = TcpClient::connect(&cli.shop);
    Node::builder("inventory")
        .service(Inventory::stocked())
        .remote::<QuotePrice>(&shop)
        .forward::<OrderPacked>(&shop)
        .forward::<OrderRefused>(&shop)
        .listen(Tcp::address(cli.listen))
        .start()
        .await
}
