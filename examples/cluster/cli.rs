//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/orders/data/cdnow-sample.csv");

/// The record shop of `orders`, each of its services in a process of its own, over NATS.
///
/// Half-way through the purchases one of the processes is killed and started again; the report is the same.
#[derive(Debug, Parser)]
#[command(name = "cluster", after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// The purchases: CSV with the columns customer_id, date, quantity, dollars, in any order [default: the
    /// sample of `orders`: 6,919 purchases at CDNOW, 1997-01 to 1998-06]
    #[arg(long, value_name = "FILE", default_value = SAMPLE, hide_default_value = true)]
    pub(crate) purchases: PathBuf,

    /// How many CDs Inventory has; the sample asks for 16,479
    #[arg(long, value_name = "N", default_value_t = 16_479)]
    pub(crate) stock: u64,

    /// How many orders are under way at a time, 1 to 1,000
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) in_flight: u16,

    /// A nats-server with JetStream, as nats://HOST:PORT [default: one is started, and ended with the example]
    #[arg(long, value_name = "URL")]
    pub(crate) nats: Option<String>,

    /// The folder for the services' SQLite files, which must not be there yet [default: a temporary one]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,

    /// Which process is killed half-way
    #[arg(long, value_name = "ROLE", default_value = "analytics")]
    pub(crate) kill: Victim,

    /// Run one service, as the example does for each of them
    #[arg(long, value_name = "ROLE", requires_all = ["nats", "data"])]
    pub(crate) role: Option<Role>,

    /// Log every failure to stderr; RUST_LOG says more exactly what is logged
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// A service of the shop, and the process that runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Inventory,
    Orders,
    Users,
    Notifications,
    Analytics,
    Audit,
}

impl Role {
    /// In the order in which they end: each after those whose events it handles.
    pub(crate) const ALL: [Self; 6] =
        [Self::Orders, Self::Inventory, Self::Users, Self::Notifications, Self::Analytics, Self::Audit];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Orders => "orders",
            Self::Users => "users",
            Self::Notifications => "notifications",
            Self::Analytics => "analytics",
            Self::Audit => "audit",
        }
    }
}

/// Who may be killed: those that only handle events. What Inventory and Orders know is in their memory alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Victim {
    Notifications,
    Analytics,
    Audit,
    Nobody,
}

impl Victim {
    pub(crate) fn role(self) -> Option<Role> {
        match self {
            Self::Notifications => Some(Role::Notifications),
            Self::Analytics => Some(Role::Analytics),
            Self::Audit => Some(Role::Audit),
            Self::Nobody => None,
        }
    }
}

const AFTER_HELP: &str = "\
Exit status:
  0  every row was a purchase, and the ledger balances
  1  some row was not, each told on stderr as `file:line: reason`, or the ledger does not balance
  2  nothing could be done: a file is missing, there is no nats-server, a service does not start, a flag is wrong
Ctrl-C stops the reading; what is under way is finished and reported, with status 0 or 1 as above.";
