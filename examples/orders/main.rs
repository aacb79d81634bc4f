//! A record shop as a topology of services, fed with real purchases.
//!
//! ```text
//! purchases ──create_order──▶ Orders ──check_inventory, reserve_inventory──▶ Inventory
//!                               │
//!                         order.created ──▶ Users ──user.created──┐
//!                               ├─────────▶ Notifications ◀───────┤ ──▶ e-mail gateway, which fails now and then
//!                               ├─────────▶ Analytics             │
//!                               └─────────▶ Audit (all events) ◀──┘
//! ```
//!
//! `cargo run --release --example orders -- --help` explains the flags.

// An example talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod chart;
mod cli;
mod date;
mod feed;
mod gateway;
mod ledger;
mod lines;
mod messages;
mod money;
mod progress;
mod purchases;
mod replay;
mod report;
mod services;
mod shop;

use std::io::{self, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;
use crate::gateway::Gateway;
use crate::ledger::Ledger;
use crate::messages::{CountCustomers, CountEvents, SalesByMonth};
use crate::purchases::Purchases;
use crate::report::Report;
use crate::services::analytics::Analytics;
use crate::services::audit::Audit;
use crate::services::order_book::OrderBook;
use crate::services::users::Users;
use crate::shop::ShopError;

#[actix::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.verbose);
    let outcome = if cli.replay { replay::replay(&cli.dead_letters).await } else { run(&cli).await };
    match outcome {
        Ok((report, clean)) => {
            // A reader that has gone, as in `orders | head`, is no failure.
            let _ = io::stdout().write_all(report.as_bytes());
            if clean { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Feeds the shop. Returns the report, and whether all went well.
async fn run(cli: &Cli) -> Result<(String, bool), ShopError> {
    let file = short(&cli.purchases);
    let purchases =
        Purchases::open(&file).map_err(|problem| ShopError::Purchases { file: file.clone(), problem })?;
    let (gateway, book) = (Gateway::faulty(), OrderBook::default());
    let node = shop::open(cli.stock, gateway.clone(), book.clone(), &cli.dead_letters).await?;

    let (since, start) = (SystemTime::now(), Instant::now());
    let bar = progress::bar(&file, cli.verbose);
    let (fed, end) = feed::feed(&node.client(), &file, purchases, cli.in_flight.into(), &bar).await;
    bar.set_message("waiting for the last events");
    shop::idle(&node).await;
    bar.finish_and_clear();
    let elapsed = start.elapsed();

    let report = Report {
        customers: shop::ask::<Users, _>(&node, CountCustomers).await?,
        removed_orders: book.removed(),
        sales: shop::ask::<Analytics, _>(&node, SalesByMonth).await?,
        audited: shop::ask::<Audit, _>(&node, CountEvents).await?,
        mails: gateway.sent(),
        dead_by_reason: shop::dead_by_reason(&node, since).await?,
        ledger: Ledger::new(&node.shutdown(Duration::from_secs(10)).await.stats),
        elapsed,
        dead_letters: cli.dead_letters.clone(),
        file: file.clone(),
        fed,
    };
    let text = report.to_string();
    if let Err(problem) = end {
        let _ = io::stdout().write_all(text.as_bytes());
        return Err(ShopError::Interrupted { file, problem });
    }
    let clean = report.fed.bad_rows == 0 && report.fed.unanswered == 0 && report.ledger.balances();
    Ok((text, clean))
}

/// A path below the current directory is told as such.
fn short(path: &Path) -> PathBuf {
    let below =
        std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.filter(|below| !below.as_os_str().is_empty()).unwrap_or_else(|| path.to_owned())
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
