//! What all clients of a node share.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use actix::Addr;
use parking_lot::RwLock;

use crate::dead_letter::{Failure, Reason, Sink};
use crate::event::SharedEvent;
use crate::handled::Handled;
use crate::pattern::Route;
use crate::peer::Outlet;
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
    /// Where events leave the process; none where they do not.
    outlet: Option<Arc<dyn Outlet>>,
    intake: AtomicU8,
    /// Event patterns that no transport may bring in.
    internal: RwLock<HashSet<Route>>,
}

/// What it is made from.
pub(crate) struct Parts {
    pub(crate) name: Arc<str>,
    pub(crate) routes: RouteTable,
    pub(crate) registry: Addr<Registry>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) sink: Sink,
    pub(crate) handled: Handled,
    pub(crate) request_timeout: Duration,
    pub(crate) emit_timeout: Duration,
    pub(crate) outlet: Option<Arc<dyn Outlet>>,
}

impl Core {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let Parts { name, routes, registry, counters, sink, handled, request_timeout, emit_timeout, outlet } =
            parts;
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
            outlet,
            intake,
            internal,
        })
    }

    /// Keeps event patterns from being brought in by a transport.
    pub(crate) fn add_internal(&self, routes: impl IntoIterator<Item = Route>) {
        self.internal.write().extend(routes);
    }

    /// Whether an event stays in the process.
    pub(crate) fn is_internal(&self, route: &Route) -> bool {
        self.internal.read().contains(route)
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

    /// Emits an event to all who subscribe to it, here or, unless it is `internal`, where the node's outlet leads.
    pub(crate) fn broadcast(self: &Arc<Self>, event: SharedEvent, internal: bool) {
        if !self.begin_emit() {
            return self.refuse(&event);
        }
        if internal && is_own(&event) {
            self.counters.own.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(outlet) = self.outlet(&event, internal) {
            self.counters.sent.fetch_add(1, Ordering::SeqCst);
            return outlet.emit(event);
        }
        // What meets the registry's end after this look shares the fate of what is in its mailbox.
        if !self.registry.connected() {
            self.counters.emit_refused();
            return self.refuse(&event);
        }
        self.registry.do_send(Broadcast(event));
    }

    /// Where an event leaves the process, if it does.
    #[inline]
    pub(crate) fn outlet(&self, event: &SharedEvent, internal: bool) -> Option<&Arc<dyn Outlet>> {
        self.outlet.as_ref().filter(|_| !internal && !is_own(event))
    }

    /// Whether an event whose type is not known here stays in the process, as far as that makes a difference.
    pub(crate) fn keeps(&self, route: &Route) -> bool {
        self.outlet.is_some() && self.is_internal(route)
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
