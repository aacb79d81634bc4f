//! What became of every event, for each subscription, and whether it adds up. The numbers come from where they cannot
//! know of each other: the stream says what was published, the services' files what had its effect and what is a dead
//! letter. It is drawn up when no event waits any more.

use std::fmt::{self, Write};

use crate::money::grouped;

/// One subscription.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) service: &'static str,
    pub(crate) pattern: &'static str,
    pub(crate) published: u64,
    pub(crate) handled: u64,
    pub(crate) dead: u64,
}

impl Row {
    fn imbalance(&self) -> i128 {
        i128::from(self.published) - i128::from(self.handled + self.dead)
    }
}

/// The numbers of all, at the end.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) emitted: u64,
    pub(crate) restarts: u64,
    pub(crate) rows: Vec<Row>,
}

impl Ledger {
    pub(crate) fn delivered(&self) -> u64 {
        self.rows.iter().map(|row| row.handled + row.dead).sum()
    }

    pub(crate) fn dead_lettered(&self) -> u64 {
        self.rows.iter().map(|row| row.dead).sum()
    }

    pub(crate) fn balances(&self) -> bool {
        self.rows.iter().all(|row| row.imbalance() == 0)
    }

    /// One row a subscription.
    pub(crate) fn table(&self, f: &mut impl Write) -> fmt::Result {
        let [published, handled, dead] = ["published", "handled", "dead"];
        writeln!(f, "\n  {:<14}{:<16}{published:>10}{handled:>10}{dead:>8}", "service", "pattern")?;
        for Row { service, pattern, published, handled, dead } in &self.rows {
            let [published, handled, dead] = [*published, *handled, *dead].map(grouped);
            writeln!(f, "  {service:<14}{pattern:<16}{published:>10}{handled:>10}{dead:>8}")?;
        }
        writeln!(f)
    }

    /// One line that says whether it adds up, and where not, by how much.
    pub(crate) fn verdict(&self) -> String {
        const IDENTITY: &str = "published = handled + dead-lettered";
        let off: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.imbalance() != 0)
            .map(|row| format!("{} on {} is off by {:+}", row.service, row.pattern, row.imbalance()))
            .collect();
        if off.is_empty() {
            return format!(
                "The ledger balances: {IDENTITY}, for each of {} subscriptions.",
                self.rows.len()
            );
        }
        format!("THE LEDGER DOES NOT BALANCE ({IDENTITY}): {}.", off.join(", "))
    }
}
