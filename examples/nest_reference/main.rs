//! The reference service of the wire tests: whatever a NestJS client may ask a service, answered in Rust.
//!
//! ```text
//! cargo run --example nest_reference -- --tcp 127.0.0.1:4000
//! cargo run --example nest_reference --features nats -- --nats nats://127.0.0.1:4222
//! ```
//!
//! It prints `listening HOST:PORT`, or `listening URL`, then one JSON line per event and subscriber, as does the same service written in
//! NestJS, `tests/interop/nest/service.js`. `tests/interop/nest/rows.json` lists what can be asked of either, and what
//! comes back; `tests/interop/nest/client.js` is a NestJS client to ask it with.

// An example talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod services;

use std::process::ExitCode;

use clap::Parser;
#[cfg(feature = "nats")]
use nestling::Nats;
use nestling::prelude::*;
use nestling::{NodeBuilder, Tcp};
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;
use crate::services::{answers, context, errors, events, streams, values};

/// `never` never answers: nothing here may answer in its place.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[actix::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log();
    match served(listening(Node::builder("reference"), &cli)).start().await {
        Ok(node) => {
            for address in node.listening() {
                println!("listening {address}");
            }
            #[cfg(feature = "nats")]
            if let Some(url) = &cli.nats {
                println!("listening {url}");
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

/// Where the service is reached.
fn listening(node: NodeBuilder, cli: &Cli) -> NodeBuilder {
    let node = match cli.tcp {
        Some(address) => node.listen(Tcp::address(address).request_timeout(FOREVER)),
        None => node,
    };
    #[cfg(feature = "nats")]
    let node = match &cli.nats {
        Some(url) => node.connect(Nats::url(url)),
        None => node,
    };
    node
}

/// What it answers.
fn served(node: NodeBuilder) -> NodeBuilder {
    node.service(answers::Answers)
        .service(values::Values)
        .service(streams::Streams)
        .service(errors::Errors)
        .service(context::InContext)
        .service(events::First)
        .service(events::Second)
        .service(events::Third)
}

/// Logs go to stderr: stdout is for the events.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
