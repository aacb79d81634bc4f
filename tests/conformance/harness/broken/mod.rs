//! A transport that is broken: it stands between the services and what comes, and beside the nodes when they close.

mod deliveries;
mod fault;
mod replies;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, pending, ready};

pub(crate) use fault::Fault;

use super::feature::Feature;
use super::handling::Taking;
use super::running::Running;
use super::serving::{Kind, Serving};
use super::transport::{Signal, Transport};

/// How many events are lost with the past, or with a restart.
const FORGOTTEN: u32 = 20;

/// A transport with a fault.
pub(crate) struct Broken {
    transport: Box<dyn Transport>,
    fault: Fault,
    switches: Rc<Switches>,
}

/// What the parts of a fault know of each other.
#[derive(Default)]
struct Switches {
    /// How often the fault has shown.
    strikes: Cell<u32>,
    /// Nothing is delivered any more.
    deaf: Cell<bool>,
    /// How many of the next events are lost.
    forgets: Cell<u32>,
    /// How many nodes have been started.
    nodes: Cell<u32>,
    /// Who takes the events of a node's service.
    groups: RefCell<Vec<(String, Taking)>>,
}

impl Switches {
    fn strike(&self) {
        self.strikes.set(self.strikes.get() + 1);
    }
}

impl Broken {
    pub(super) fn new(transport: Box<dyn Transport>, fault: Fault) -> Self {
        Self { transport, fault, switches: Rc::default() }
    }

    /// Whether the fault has shown.
    pub(super) fn has_struck(&self) -> bool {
        self.switches.strikes.get() > 0
    }

    fn wrapped(&self, node: &str, service: &str, kind: Kind) -> Kind {
        let taking = |taking| {
            let group = format!("{node}.{service}");
            self.switches.groups.borrow_mut().push((group.clone(), Rc::clone(&taking)));
            deliveries::wrap(self.fault, &self.switches, group, taking)
        };
        match kind {
            Kind::Ordered(inner) => Kind::Ordered(taking(inner)),
            Kind::Mixed(inner) => Kind::Mixed(taking(inner)),
            Kind::Crowd(inner) => Kind::Crowd(taking(inner)),
            Kind::Answering(inner) => Kind::Answering(replies::answering(self.fault, &self.switches, inner)),
            Kind::Counting(inner) => Kind::Counting(replies::counting(self.fault, &self.switches, inner)),
            Kind::Swallowing(strike) => Kind::Swallowing(strike),
        }
    }

    /// What the fault does to a node that runs.
    fn spoilt(&self, running: Running) -> Running {
        let switches = Rc::clone(&self.switches);
        match self.fault {
            Fault::HangsAtClose => running.before_close(Rc::new(move || {
                switches.strike();
                pending().boxed_local()
            })),
            Fault::IsDeafAfterClose => running.before_close(Rc::new(move || {
                switches.deaf.set(true);
                ready(()).boxed_local()
            })),
            Fault::IgnoresTimeouts => {
                switches.strike();
                running.waits(Duration::from_secs(3_600))
            }
            _ => running,
        }
    }
}

impl Transport for Broken {
    fn features(&self) -> &'static [Feature] {
        self.transport.features()
    }

    fn serve(&self, serving: Serving) -> LocalBoxFuture<'_, Running> {
        let Serving { node, services } = serving;
        self.switches.nodes.set(self.switches.nodes.get() + 1);
        let wrapped = services.into_iter().map(|(name, kind)| {
            let kind = self.wrapped(&node, &name, kind);
            (name, kind)
        });
        let mut serving = Serving { services: wrapped.collect(), node };
        if self.fault == Fault::SwallowsMessages {
            let switches = Rc::clone(&self.switches);
            serving = serving.with("swallower", Kind::Swallowing(Rc::new(move || switches.strike())));
        }
        self.transport.serve(serving).map(|running| self.spoilt(running)).boxed_local()
    }

    fn caller(&self) -> LocalBoxFuture<'_, Running> {
        self.transport.caller().map(|running| self.spoilt(running)).boxed_local()
    }

    fn stop_broker(&self, signal: Signal) -> LocalBoxFuture<'_, ()> {
        match self.fault {
            Fault::ForgetsAtRestart => self.switches.forgets.set(FORGOTTEN),
            Fault::IsDeafAfterRestart => self.switches.deaf.set(true),
            _ => {}
        }
        self.transport.stop_broker(signal)
    }

    fn start_broker(&self) -> LocalBoxFuture<'_, ()> {
        self.transport.start_broker()
    }

    fn patience(&self) -> Duration {
        self.fault.patience()
    }

    fn many(&self) -> u32 {
        1_000
    }
}
