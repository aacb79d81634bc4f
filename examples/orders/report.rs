//! The report at the end of a run.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::path::PathBuf;
use std::time::Duration;

use nestling::Reason;

use crate::chart::bar;
use crate::date::Month;
use crate::feed::Fed;
use crate::ledger::Ledger;
use crate::messages::Sales;
use crate::money::{Cents, grouped};

/// All that a run has to tell.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) file: PathBuf,
    pub(crate) fed: Fed,
    pub(crate) customers: u64,
    pub(crate) removed_orders: u64,
    pub(crate) sales: BTreeMap<Month, Sales>,
    pub(crate) audited: BTreeMap<String, u64>,
    pub(crate) mails: u64,
    pub(crate) ledger: Ledger,
    pub(crate) dead_by_reason: BTreeMap<Reason, u64>,
    pub(crate) elapsed: Duration,
    pub(crate) dead_letters: PathBuf,
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shop(f)?;
        self.months(f)?;
        self.events(f)?;
        writeln!(f, "\n{}", self.ledger.verdict())?;
        if self.ledger.dead_lettered() > 0 {
            writeln!(
                f,
                "The dead letters are in {}. To repair the gateway and replay them:",
                self.dead_letters.display()
            )?;
            write!(f, "  cargo run --release --example orders -- --replay")?;
            if self.dead_letters.as_os_str() != "dead-letters.db" {
                write!(f, " --dead-letters {}", self.dead_letters.display())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Report {
    fn shop(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fed, .. } = self;
        let sold: Cents = self.sales.values().map(|sales| sales.revenue).sum();
        let cds: u64 = self.sales.values().map(|sales| sales.cds).sum();
        let rejected: u64 = fed.rejected.values().sum();

        let cut = if fed.interrupted { " (interrupted)" } else { "" };
        writeln!(f, "{}{cut}\n", self.file.display())?;
        count(f, "purchases read", fed.purchases)?;
        if fed.bad_rows > 0 {
            count(f, "rows refused", fed.bad_rows)?;
        }
        count(f, "customers", self.customers)?;
        count(f, "orders accepted", fed.accepted)?;
        count(f, "orders rejected", rejected)?;
        for (reason, orders) in &fed.rejected {
            count(f, &format!("  {reason}"), *orders)?;
        }
        if self.removed_orders > 0 {
            count(f, "  of these, saved and removed again", self.removed_orders)?;
        }
        if fed.unanswered > 0 {
            count(f, "orders without an answer", fed.unanswered)?;
        }
        line(f, "CDs", &of(&grouped(cds), &grouped(fed.cds)))?;
        line(f, "revenue", &of(&sold.to_string(), &fed.worth.to_string()))?;
        count(f, "mails sent", self.mails)
    }

    fn months(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let highest = self.sales.values().map(|sales| sales.revenue.0).max().unwrap_or(0);
        if highest > 0 {
            writeln!(f, "\n  {:<8}{:>14}{:>8}", "month", "revenue", "CDs")?;
        }
        for (month, sales) in &self.sales {
            let revenue = sales.revenue.to_string();
            let cds = grouped(sales.cds);
            writeln!(f, "  {month:<8}{revenue:>14}{cds:>8}  {}", bar(sales.revenue.0, highest, 40))?;
        }
        Ok(())
    }

    fn events(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs_f64();
        writeln!(f, "\n  events")?;
        count(f, "emitted", self.ledger.emitted)?;
        for (route, seen) in &self.audited {
            count(f, &format!("  {route}"), *seen)?;
        }
        self.ledger.table(f)?;
        for (reason, letters) in &self.dead_by_reason {
            count(f, &format!("dead letters: {reason}"), *letters)?;
        }
        count(f, "restarts", self.ledger.restarts)?;
        let rate = (self.ledger.delivered() as f64 / seconds.max(1e-9)) as u64;
        line(f, "events delivered per second", &format!("{} (in {seconds:.2} s)", grouped(rate)))
    }
}

fn of(part: &str, whole: &str) -> String {
    if part == whole { part.to_owned() } else { format!("{part} of {whole}") }
}

pub(crate) fn count(f: &mut impl Write, label: &str, count: u64) -> fmt::Result {
    writeln!(f, "  {label:<36}{:>12}", grouped(count))
}

/// The value is right-aligned up to its first word, so that what explains it does not shift the column.
pub(crate) fn line(f: &mut impl Write, label: &str, value: &str) -> fmt::Result {
    let (head, tail) = value.split_at(value.find(' ').unwrap_or(value.len()));
    writeln!(f, "  {label:<36}{head:>12}{tail}")
}
