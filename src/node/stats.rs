//! What a node has done and holds.

use std::sync::atomic::Ordering;

use serde::Serialize;

use super::services::Services;
use crate::client::Core;
use crate::dead_letter::{DeadLetterStats, DeadLetters};
use crate::supervisor::{InboxStats, RequestStats, ServiceState, SubscriptionStats};

/// What a node has done and holds. Each service's numbers are read under one lock, the services one after another.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct NodeStats {
    /// The node's name.
    pub name: String,
    /// Events emitted through the node's clients, without the node's own (lifecycle, dead letters).
    pub emitted: u64,
    /// Events that wait for the registry, or that it has not brought to all their subscribers yet.
    pub registry_backlog: u64,
    /// Events that nobody subscribed to.
    pub no_subscriber: u64,
    /// The services, in the order of their start, then those subscribed at run time.
    pub services: Vec<ServiceStats>,
    /// Subscriptions made at run time that have ended, added up by service and pattern.
    pub ended: Vec<SubscriptionLedger>,
    /// The dead letters.
    pub dead_letters: DeadLetterStats,
}

/// One service's numbers.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ServiceStats {
    /// The service's name.
    pub name: String,
    /// What it is doing.
    pub state: ServiceState,
    /// How many times it has been restarted.
    pub restarts: u64,
    /// Its requests through the client.
    pub requests: RequestStats,
    /// Its subscriptions.
    pub subscriptions: Vec<SubscriptionLedger>,
}

/// One subscription's ledger, by name.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SubscriptionLedger {
    /// The service that subscribes.
    pub service: String,
    /// The pattern, as the service declares it.
    pub pattern: String,
    /// The counters.
    #[serde(flatten)]
    pub ledger: SubscriptionStats,
}

impl NodeStats {
    /// Every subscription's ledger, those that have ended included.
    pub fn subscriptions(&self) -> impl Iterator<Item = &SubscriptionLedger> {
        self.services.iter().flat_map(|service| &service.subscriptions).chain(&self.ended)
    }

    /// All ledgers added up.
    #[must_use]
    pub fn total(&self) -> SubscriptionStats {
        self.subscriptions().fold(SubscriptionStats::default(), |mut total, subscription| {
            total.add(&subscription.ledger);
            total
        })
    }

    /// Whether every subscription's ledger balances: `delivered = handled + dead_lettered + returned + queued + in_flight`.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.subscriptions().all(|subscription| subscription.ledger.imbalance() == 0)
    }

    /// One service's numbers.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&ServiceStats> {
        self.services.iter().find(|service| service.name == name)
    }

    /// One subscription's ledger, of a running service.
    #[must_use]
    pub fn subscription(&self, service: &str, pattern: &str) -> Option<SubscriptionStats> {
        let subscriptions = &self.service(service)?.subscriptions;
        subscriptions.iter().find(|subscription| subscription.pattern == pattern).map(|found| found.ledger)
    }
}

pub(super) fn read(core: &Core, services: &Services, dead_letters: &DeadLetters) -> NodeStats {
    let (running, ended) = services.stats();
    // In this order, or an event between the two reads would make it negative.
    let own = core.counters.own.load(Ordering::Relaxed);
    let ended = ended.into_iter().map(|((service, pattern), ledger)| SubscriptionLedger {
        service: service.to_string(),
        pattern: pattern.to_string(),
        ledger,
    });
    NodeStats {
        name: core.name.to_string(),
        emitted: core.counters.emitted.load(Ordering::Acquire).saturating_sub(own),
        registry_backlog: core.counters.backlog(),
        no_subscriber: core.counters.no_subscriber.load(Ordering::Relaxed),
        services: running.into_iter().map(service_stats).collect(),
        ended: ended.collect(),
        dead_letters: dead_letters.stats(),
    }
}

fn service_stats(stats: InboxStats) -> ServiceStats {
    let name = stats.service.to_string();
    let subscriptions = stats.subscriptions.into_iter().map(|(pattern, ledger)| SubscriptionLedger {
        service: name.clone(),
        pattern: pattern.to_string(),
        ledger,
    });
    ServiceStats {
        subscriptions: subscriptions.collect(),
        state: stats.state,
        restarts: stats.restarts,
        requests: stats.requests,
        name,
    }
}
