//! What became of every event, for each subscription, and whether it adds up.

use std::fmt::{self, Write};

use nestling::{NodeStats, SubscriptionLedger, SubscriptionStats};

use crate::money::grouped;

/// The node's numbers at its end.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) emitted: u64,
    pub(crate) restarts: u64,
    subscriptions: Vec<SubscriptionLedger>,
    total: SubscriptionStats,
}

impl Ledger {
    pub(crate) fn new(stats: &NodeStats) -> Self {
        Self {
            emitted: stats.emitted,
            restarts: stats.services.iter().map(|service| service.restarts).sum(),
            subscriptions: stats.subscriptions().cloned().collect(),
            total: stats.total(),
        }
    }

    pub(crate) fn delivered(&self) -> u64 {
        self.total.delivered
    }

    pub(crate) fn dead_lettered(&self) -> u64 {
        self.total.dead_lettered
    }

    pub(crate) fn balances(&self) -> bool {
        self.subscriptions.iter().all(|subscription| subscription.ledger.imbalance() == 0)
    }

    /// One row a subscription.
    pub(crate) fn table(&self, f: &mut impl Write) -> fmt::Result {
        let columns = ["delivered", "handled", "retried", "dead", "waiting"];
        let [delivered, handled, retried, dead, waiting] = columns;
        writeln!(
            f,
            "\n  {:<14}{:<16}{delivered:>10}{handled:>10}{retried:>10}{dead:>8}{waiting:>9}",
            "service", "pattern"
        )?;
        for SubscriptionLedger { service, pattern, ledger: stats, .. } in &self.subscriptions {
            let [delivered, handled, retried, dead, waiting] = [
                stats.delivered,
                stats.handled,
                stats.retried,
                stats.dead_lettered,
                stats.queued + stats.in_flight,
            ]
            .map(grouped);
            writeln!(
                f,
                "  {service:<14}{pattern:<16}{delivered:>10}{handled:>10}{retried:>10}{dead:>8}{waiting:>9}"
            )?;
        }
        writeln!(f)
    }

    /// One line that says whether it adds up, and where not, by how much.
    pub(crate) fn verdict(&self) -> String {
        const IDENTITY: &str = "delivered = handled + dead-lettered + returned + queued + in flight";
        let mut off = self.subscriptions.iter().filter(|row| row.ledger.imbalance() != 0).peekable();
        if off.peek().is_none() {
            return format!(
                "The ledger balances: {IDENTITY}, for each of {} subscriptions.",
                self.subscriptions.len()
            );
        }
        let off: Vec<_> = off
            .map(|row| format!("{} on {} is off by {:+}", row.service, row.pattern, row.ledger.imbalance()))
            .collect();
        format!("THE LEDGER DOES NOT BALANCE ({IDENTITY}): {}.", off.join(", "))
    }
}
