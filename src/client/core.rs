//! What all clients of a node share.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix::Addr;

use crate::dead_letter::{Failure, Reason, Sink};
use crate::event::SharedEvent;
use crate::handled::Handled;
use crate::pattern::Route;
use crate::registry::{Broadcast, Counters, Registry};
use crate::routes::RouteTable;
use crate::scope;

/// What a node still takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Intake {
    Open,
    /// Only what its own services send.
    Draining,
    Closed,
}

/// What all clients of a node share.
pub(crate) struct Core {
    pub(crate) name: Arc<str>,
    pub(crate) routes: RouteTable,
    pub(crate) registry: Addr<Registry>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) sink: Sink,
    pub(crate) handled: Handled,
    pub(crate) request_timeout: Duration,
    pub(crate) emit_timeout: Duration,
    intake: AtomicU8,
    /// Event patterns that no transport may bring in.
    internal: RwLock<HashSet<Route>>,
}

impl Core {
    pub(crate) fn new(
        name: Arc<str>,
        routes: RouteTable,
        registry: Addr<Registry>,
        counters: Arc<Counters>,
        sink: Sink,
        handled: Handled,
        timeouts: (Duration, Duration),
    ) -> Arc<Self> {
        let (request_timeout, emit_timeout) = timeouts;
        let intake = AtomicU8::new(Intake::Open as u8);
        let internal = RwLock::default();
        Arc::new(Self {
            name,
            routes,
            registry,
            counters,
            sink,
            handled,
            request_timeout,
            emit_timeout,
            intake,
            internal,
        })
    }

    /// Keeps event patterns from being brought in by a transport.
    pub(crate) fn add_internal(&self, routes: impl IntoIterator<Item = Route>) {
        self.internal.write().unwrap_or_else(PoisonError::into_inner).extend(routes);
    }

    /// Whether no transport may bring an event in.
    #[cfg(feature = "tcp")]
    pub(crate) fn is_internal(&self, route: &Route) -> bool {
        self.internal.read().unwrap_or_else(PoisonError::into_inner).contains(route)
    }

    pub(crate) fn set_intake(&self, intake: Intake) {
        self.intake.store(intake as u8, Ordering::SeqCst);
    }

    /// Whether something sent now, on this thread, is taken.
    pub(crate) fn admits(self: &Arc<Self>) -> bool {
        let intake = self.intake.load(Ordering::SeqCst);
        intake == Intake::Open as u8 || (intake == Intake::Draining as u8 && self.is_inside())
    }

    /// Whether one of the node's own services is being polled on this thread.
    fn is_inside(self: &Arc<Self>) -> bool {
        scope::node(|node| node.is_some_and(|node| std::ptr::addr_eq(Arc::as_ptr(node), Arc::as_ptr(self))))
    }

    /// Why something is not taken.
    pub(crate) fn closed(&self) -> String {
        format!("node `{}` has shut down", self.name)
    }

    pub(crate) fn broadcast(self: &Arc<Self>, event: SharedEvent) {
        if !self.begin_emit() {
            return self.refuse(&event);
        }
        if is_own(&event) {
            self.counters.own.fetch_add(1, Ordering::Relaxed);
        }
        // At mailbox capacity 0 this is `do_send`, but for giving the event back when the registry has stopped.
        if let Err(refused) = self.registry.try_send(Broadcast(event)) {
            self.counters.emit_refused();
            let Broadcast(event) = refused.into_inner();
            self.refuse(&event);
        }
    }

    /// Whether an event emitted now, on this thread, is taken. It is counted before it is known to be, so that the
    /// shutdown, which refuses first and then looks at the count, waits for what was let in at the last moment.
    pub(crate) fn begin_emit(self: &Arc<Self>) -> bool {
        self.counters.emitted.fetch_add(1, Ordering::SeqCst);
        let admitted = self.admits();
        if !admitted {
            self.counters.emit_refused();
        }
        admitted
    }

    /// Keeps an event whose pattern nobody can subscribe to.
    pub(crate) fn bury_invalid(&self, event: &SharedEvent, problem: String) {
        self.sink.bury(event, "", "", Failure::new(Reason::Invalid, "nestling", problem), None);
    }

    fn refuse(&self, event: &SharedEvent) {
        // The node's own events have said all they had to say.
        if is_own(event) {
            return;
        }
        let failure = Failure::new(Reason::Shutdown, "nestling", self.closed());
        self.sink.bury(event, "", "", failure, None);
    }
}

/// Whether an event is one of the node's own.
fn is_own(event: &SharedEvent) -> bool {
    event.metadata().route().as_str().starts_with('$')
}
