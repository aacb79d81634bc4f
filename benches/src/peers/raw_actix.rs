//! Raw actix, which all ratios are against: no supervision, no metadata, no bound that holds, no dead letters.

use std::sync::Arc;

use actix::prelude::*;

use crate::events::{Emit, FanOut, Sale, Tally, Till};
use crate::requests::{Adder, Ask, Refused};

/// A mailbox as actix makes it: 16 places, beyond which senders wait in their own futures.
pub const DEFAULT_CAPACITY: usize = 16;
/// A mailbox without a bound.
pub const UNBOUNDED: usize = 0;

struct Add(u64);

impl Message for Add {
    type Result = Result<u64, Refused>;
}

struct AdderActor {
    adder: Adder,
    capacity: usize,
}

impl Actor for AdderActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.set_mailbox_capacity(self.capacity);
    }
}

impl Handler<Add> for AdderActor {
    type Result = Result<u64, Refused>;

    fn handle(&mut self, Add(number): Add, _: &mut Context<Self>) -> Self::Result {
        self.adder.add(number)
    }
}

/// `Addr::send` to one actor.
pub struct Send(Addr<AdderActor>);

impl Send {
    /// Starts the actor; must run inside an actix system.
    #[must_use]
    pub fn start(capacity: usize) -> Self {
        Self(AdderActor { adder: Adder::default(), capacity }.start())
    }
}

impl Ask for Send {
    async fn ask(&self, number: u64) -> u64 {
        self.0.send(Add(number)).await.expect("the actor runs").expect("the actor never refuses")
    }
}

#[derive(Clone)]
struct Sold(Sale);

impl Message for Sold {
    type Result = ();
}

struct Subscriber(Till);

impl Actor for Subscriber {
    type Context = Context<Self>;
}

impl Handler<Sold> for Subscriber {
    type Result = ();

    fn handle(&mut self, Sold(sale): Sold, _: &mut Context<Self>) {
        self.0.ring_up(&sale);
    }
}

/// The actor that one writes by hand to broadcast: it clones the event for each recipient in its list.
struct HubActor(Vec<Recipient<Sold>>);

impl Actor for HubActor {
    type Context = Context<Self>;
}

impl Handler<Sold> for HubActor {
    type Result = ();

    fn handle(&mut self, event: Sold, _: &mut Context<Self>) {
        for subscriber in &self.0 {
            subscriber.do_send(event.clone());
        }
    }
}

/// `Addr::do_send` to a hub in front of its subscribers.
pub struct Hub(Addr<HubActor>);

impl Hub {
    /// Starts hub and subscribers; must run inside an actix system.
    #[must_use]
    pub fn start(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        let subscribers = (0..fan_out.width).map(|_| Subscriber(Till::new(tally)).start().recipient());
        Self(HubActor(subscribers.collect()).start())
    }
}

impl Emit for Hub {
    fn emit(&self, sale: Sale) {
        self.0.do_send(Sold(sale));
    }
}
