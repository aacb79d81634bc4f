//! The command line.

use std::path::PathBuf;

use clap::Parser;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/orders/data/cdnow-sample.csv");

/// A record shop as a topology of services, fed with real purchases.
///
/// Orders asks Inventory by message and emits `order.created`; Users, Notifications, Analytics and Audit
/// subscribe. The e-mail gateway of Notifications fails for a fixed share of addresses, sometimes with a panic:
/// what it fails on is kept as a dead letter, and nobody else notices.
#[derive(Debug, Parser)]
#[command(name = "orders", after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// The purchases: CSV with the columns customer_id, date, quantity, dollars, in any order [default: the
    /// sample beside the example: 6,919 purchases at CDNOW, 1997-01 to 1998-06]
    #[arg(long, value_name = "FILE", default_value = SAMPLE, hide_default_value = true)]
    pub(crate) purchases: PathBuf,

    /// How many CDs Inventory has; the sample asks for 16,479, so the default runs out
    #[arg(long, value_name = "N", default_value_t = 16_000, conflicts_with = "replay")]
    pub(crate) stock: u64,

    /// How many orders are under way at a time, 1 to 1,000
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1000), conflicts_with = "replay")]
    pub(crate) in_flight: u16,

    /// The SQLite file that keeps what Notifications could not handle; it is made if it is not there
    #[arg(long, value_name = "FILE", default_value = "dead-letters.db")]
    pub(crate) dead_letters: PathBuf,

    /// Repair the e-mail gateway, replay the dead letters of the file, report, and end
    #[arg(long, conflicts_with = "purchases")]
    pub(crate) replay: bool,

    /// Log every failure to stderr; RUST_LOG says more exactly what is logged
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

const AFTER_HELP: &str = "\
Exit status:
  0  every row was a purchase (with --replay: no dead letter is left)
  1  some row was not, each told on stderr as `file:line: reason` (with --replay: some are left)
  2  nothing could be done: a file is missing or is not what it should be, or a flag is wrong
Ctrl-C stops the reading; what is under way is finished and reported, with status 0 or 1 as above.";
