//! actix-broker: a system service keyed by the event's type, with a list of recipients each.
//!
//! The broker is one a system, so every width runs in a system of its own.

use std::sync::Arc;

use actix::prelude::*;
use actix_broker::{Broker, BrokerSubscribe, SystemBroker};

use crate::events::{Emit, FanOut, Sale, Tally, Till};

#[derive(Clone)]
struct Sold(Sale);

impl Message for Sold {
    type Result = ();
}

struct Subscriber(Till);

impl Actor for Subscriber {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.subscribe_system_async::<Sold>(context);
    }
}

impl Handler<Sold> for Subscriber {
    type Result = ();

    fn handle(&mut self, Sold(sale): Sold, _: &mut Context<Self>) {
        self.0.ring_up(&sale);
    }
}

/// `Broker::issue_async` from outside any actor.
pub struct Issue;

impl Issue {
    /// Starts the subscribers; must run inside an actix system that has none yet.
    #[must_use]
    pub fn start(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        for _ in 0..fan_out.width {
            Subscriber(Till::new(tally)).start();
        }
        Self
    }
}

impl Emit for Issue {
    fn emit(&self, sale: Sale) {
        Broker::<SystemBroker>::issue_async(Sold(sale));
    }
}
