//! The services of a node, those of its start and those subscribed at run time.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use crate::pattern::Route;
use crate::service::DeclaredEvent;
use crate::supervisor::{Inbox, InboxStats, SubscriptionStats, Target};

/// The services of a node, in the order of their start.
#[derive(Default)]
pub(crate) struct Services {
    state: Mutex<State>,
}

/// A subscription: its service and its pattern.
type Key = (Arc<str>, Arc<str>);

#[derive(Default)]
struct State {
    running: Vec<Running>,
    /// The ledgers of subscriptions that have ended.
    ended: BTreeMap<Key, SubscriptionStats>,
}

struct Running {
    inbox: Arc<Inbox>,
    events: Vec<DeclaredEvent>,
    /// It was subscribed at run time and may end before the node.
    at_run_time: bool,
}

impl Services {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(super) fn add(&self, inbox: Arc<Inbox>, events: Vec<DeclaredEvent>, at_run_time: bool) {
        let mut state = self.lock();
        // Not at every subscription: it looks at all of them.
        if state.running.len() == state.running.capacity() {
            state.sweep();
        }
        state.running.push(Running { inbox, events, at_run_time });
    }

    pub(super) fn inboxes(&self) -> Vec<Arc<Inbox>> {
        self.lock().running.iter().map(|running| Arc::clone(&running.inbox)).collect()
    }

    /// Every service with its subscriptions.
    pub(super) fn all(&self) -> Vec<(Arc<Inbox>, Vec<DeclaredEvent>)> {
        self.lock().running.iter().map(|it| (Arc::clone(&it.inbox), it.events.clone())).collect()
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        self.lock().running.iter().map(|running| Arc::clone(&running.inbox.service)).collect()
    }

    /// The subscription of `service` that `pattern` declares, if it takes `route`.
    pub(super) fn target(&self, service: &str, pattern: &str, route: &Route) -> Option<Target> {
        let state = self.lock();
        let of_service = || state.running.iter().filter(|running| &*running.inbox.service == service);
        // One that was subscribed at run time and taken away may still be here beside its successor.
        let open = of_service().filter(|running| running.inbox.is_open());
        let closed = of_service().filter(|running| !running.inbox.is_open());
        for running in open.chain(closed) {
            let takes = |event: &DeclaredEvent| event.interests.iter().any(|it| it.matches(route));
            let subscription = running
                .events
                .iter()
                .enumerate()
                .position(|(index, event)| running.inbox.declares(index, pattern) && takes(event));
            if let Some(subscription) = subscription.and_then(|index| u32::try_from(index).ok()) {
                return Some(Target::new(&running.inbox, subscription));
            }
        }
        None
    }

    /// Every service's counters, and those of subscriptions that have ended.
    pub(super) fn stats(&self) -> (Vec<InboxStats>, Vec<(Key, SubscriptionStats)>) {
        let mut state = self.lock();
        state.sweep();
        let running = state.running.iter().map(|running| running.inbox.stats()).collect();
        let ended = state.ended.iter().map(|(key, ledger)| (key.clone(), *ledger)).collect();
        (running, ended)
    }
}

impl State {
    /// Keeps of an ended subscription its ledger alone.
    fn sweep(&mut self) {
        let ended = &mut self.ended;
        self.running.retain(|running| {
            if !running.at_run_time || !running.inbox.has_ended() {
                return true;
            }
            let stats = running.inbox.stats();
            for (pattern, ledger) in stats.subscriptions {
                ended.entry((Arc::clone(&stats.service), pattern)).or_default().add(&ledger);
            }
            false
        });
    }
}
