//! A node to be.

use std::rc::Rc;

use nestling::NodeBuilder;
use nestling::prelude::*;

use super::handling::{Answering, Counting, Taking};
use super::services::{Answerer, Counter, Crowd, Mixed, Ordered, Swallower};

/// A node with its services, of which a transport makes one that runs.
#[derive(Clone)]
pub(crate) struct Serving {
    pub(crate) node: String,
    pub(crate) services: Vec<(String, Kind)>,
}

/// What a service does.
#[derive(Clone)]
pub(crate) enum Kind {
    /// Takes `Happened`, in an ordered lane.
    Ordered(Taking),
    /// Takes all events, in one ordered lane.
    Mixed(Taking),
    /// Takes `Happened`, many at once and without order.
    Crowd(Taking),
    /// Answers `Double`.
    Answering(Answering),
    /// Answers `CountUp`.
    Counting(Counting),
    /// Leaves `Nobody` without an answer, and says that it does: only a broken transport has it.
    Swallowing(Rc<dyn Fn()>),
}

impl Serving {
    pub(crate) fn node(name: &str) -> Self {
        Self { node: name.to_owned(), services: Vec::new() }
    }

    pub(crate) fn ordered(self, name: &str, taking: Taking) -> Self {
        self.with(name, Kind::Ordered(taking))
    }

    pub(crate) fn mixed(self, name: &str, taking: Taking) -> Self {
        self.with(name, Kind::Mixed(taking))
    }

    pub(crate) fn crowd(self, name: &str, taking: Taking) -> Self {
        self.with(name, Kind::Crowd(taking))
    }

    pub(crate) fn answering(self, answering: Answering) -> Self {
        self.with("answerer", Kind::Answering(answering))
    }

    pub(crate) fn counting(self, counting: Counting) -> Self {
        self.with("counter", Kind::Counting(counting))
    }

    pub(crate) fn with(mut self, name: &str, kind: Kind) -> Self {
        self.services.push((name.to_owned(), kind));
        self
    }

    /// The node's builder, to which a transport adds its own.
    pub(crate) fn builder(self) -> NodeBuilder {
        let builder = Node::builder(self.node).dead_letters(MemoryStore::new(100_000));
        self.services.into_iter().fold(builder, |builder, (name, kind)| match kind {
            Kind::Ordered(taking) => builder.service_named(name, Ordered(taking)),
            Kind::Mixed(taking) => builder.service_named(name, Mixed(taking)),
            Kind::Crowd(taking) => builder.service_named(name, Crowd(taking)),
            Kind::Answering(answering) => builder.service_named(name, Answerer(answering)),
            Kind::Counting(counting) => builder.service_named(name, Counter(counting)),
            Kind::Swallowing(tell) => builder.service_named(name, Swallower(tell)),
        })
    }
}
