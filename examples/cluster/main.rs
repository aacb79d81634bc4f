//! The record shop of `orders`, each of its services in a process of its own, over NATS.
//!
//! ```text
//! this process ──create_order──▶ orders ──check_inventory, reserve_inventory──▶ inventory      (requests: core NATS)
//!                                  │
//!                            order.created ──▶ users ──user.created──┐                        (events: JetStream)
//!                                  ├─────────▶ notifications ◀───────┤
//!                                  ├─────────▶ analytics             │
//!                                  └─────────▶ audit ◀───────────────┘
//! ```
//!
//! Half-way through the purchases one of the processes is killed with SIGKILL and started again. What it had in hand
//! comes again from the stream, and what it had counted is in its SQLite file, so the report is that of `orders`.
//!
//! `cargo run --release --features nats --example cluster -- --help` explains the flags.

// An example talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "../orders/chart.rs"]
mod chart;
mod cli;
mod conductor;
#[path = "../orders/date.rs"]
mod date;
mod error;
#[path = "../orders/feed.rs"]
mod feed;
#[allow(dead_code, reason = "`orders` uses all of it")]
#[path = "../orders/gateway.rs"]
mod gateway;
mod ledger;
#[path = "../orders/lines.rs"]
mod lines;
#[allow(dead_code, reason = "`orders` uses all of it")]
#[path = "../orders/messages.rs"]
mod messages;
#[path = "../orders/money.rs"]
mod money;
mod process;
#[path = "../orders/progress.rs"]
mod progress;
#[path = "../orders/purchases.rs"]
mod purchases;
#[path = "../orders/report.rs"]
mod report;
mod role;
mod server;
mod services;
mod state;
mod stream;

use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;

#[actix::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.verbose);
    let outcome = match cli.role {
        Some(role) => role::run(role, &cli).await.map(|()| (String::new(), true)),
        None => conductor::run(&cli).await,
    };
    match outcome {
        Ok((report, clean)) => {
            // A reader that has gone, as in `cluster | head`, is no failure.
            let _ = io::stdout().write_all(report.as_bytes());
            if clean { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Logs go to stderr: what RUST_LOG asks for, or the failures if `verbose`, or nothing.
fn log(verbose: bool) {
    let default = if verbose { "nestling=warn" } else { "off" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();

    // The gateway's panics are expected, caught, and kept with their dead letters; any other is told as ever.
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|place| place.file().ends_with("gateway.rs")) {
            tell(panic);
        }
    }));
}
