//! A node that holds many subscriptions which have nothing to do with what is measured.

use std::cell::Cell;
use std::sync::Arc;

use nestling::prelude::*;

use crate::events::{Emit, Sale, Tally};
use crate::peers::nestling::{Add, Sold, adder, subscriber};
use crate::requests::Ask;

thread_local! {
    /// How many subscriptions the next `Crowd` declares: `patterns` has no argument for it.
    static SIZE: Cell<usize> = const { Cell::new(0) };
}

/// Subscribes to other events: half of them by name, half by a wildcard.
struct Crowd;

impl Actor for Crowd {
    type Context = Context<Self>;
}

impl Supervised for Crowd {}

impl Service for Crowd {
    const NAME: &'static str = "crowd";

    fn patterns(patterns: &mut Patterns<Self>) {
        for index in 0..SIZE.get() {
            let wildcard = if index % 2 == 0 { "" } else { ".*" };
            patterns.matching(&format!("crowd.member-{index}{wildcard}"));
        }
    }
}

impl Handler<AnyEvent> for Crowd {
    type Result = Result<(), EventError>;

    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        unreachable!("nobody emits `{}`", event.route())
    }
}

/// A node with a crowd, one subscriber of the event that is measured, and the service of the request.
pub struct Crowded {
    client: Client,
    _node: Node,
}

impl Crowded {
    /// Starts a node with so many other subscriptions.
    ///
    /// # Panics
    ///
    /// If the node does not start.
    pub async fn start(others: usize, tally: &Arc<Tally>) -> Self {
        SIZE.set(others);
        let node = Node::builder("bench").service(Crowd).service(subscriber(tally)).service(adder());
        let node = node.start().await.expect("the node starts");
        Self { client: node.client(), _node: node }
    }
}

impl Emit for Crowded {
    fn emit(&self, sale: Sale) {
        self.client.emit(Sold(sale));
    }
}

impl Ask for Crowded {
    async fn ask(&self, number: u64) -> u64 {
        self.client.send(Add(number)).await.expect("the service runs and never refuses")
    }
}
