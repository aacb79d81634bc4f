//! A consistent reading of an inbox.

use std::sync::Arc;

use serde::Serialize;

use super::Subscription;
use super::state::{Phase, State};
use crate::dead_letter::Reason;
use crate::supervisor::ledger::{RequestStats, SubscriptionStats};

/// What a service is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServiceState {
    /// It takes messages and events.
    Running,
    /// It has been given up: its events become dead letters, its senders get `Unavailable`.
    Failed,
    /// It has stopped.
    Stopped,
}

pub(crate) struct InboxStats {
    pub(crate) service: Arc<str>,
    pub(crate) state: ServiceState,
    pub(crate) restarts: u64,
    pub(crate) requests: RequestStats,
    /// Each subscription's pattern and ledger.
    pub(crate) subscriptions: Vec<(Arc<str>, SubscriptionStats)>,
}

pub(super) fn read(state: &State, service: &Arc<str>, declared: &[Subscription]) -> InboxStats {
    let subscription = |(declared, ledger): (&Subscription, &SubscriptionStats)| {
        let mut ledger = *ledger;
        declared.direct.add_to(&mut ledger);
        (Arc::clone(&declared.pattern), ledger)
    };
    let mut subscriptions: Vec<_> = declared.iter().zip(&state.subscriptions).map(subscription).collect();
    for item in state.lanes.iter().flat_map(|lane| &lane.queue) {
        subscriptions[item.subscription as usize].1.queued += 1;
    }
    let requests = RequestStats {
        queued: state.requests.len() as u64,
        in_flight: state.running_calls() as u64,
        ..state.request_stats
    };
    let service_state = match state.phase {
        Phase::Open => ServiceState::Running,
        Phase::Closed(Reason::ServiceFailed) => ServiceState::Failed,
        Phase::Closed(_) => ServiceState::Stopped,
    };
    InboxStats {
        service: Arc::clone(service),
        state: service_state,
        restarts: state.restarts,
        requests,
        subscriptions,
    }
}
