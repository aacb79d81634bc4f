//! This crate: every service supervised, every message and event with its metadata, every failure a dead letter.

use std::sync::Arc;

use ::nestling::NodeBuilder;
use ::nestling::prelude::*;

use crate::events::{Emit, FanOut, Sale, Tally, Till};
use crate::requests::{Adder, Ask, Refused};

/// The request.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("adder.add", response = u64, error = Refused)]
pub struct Add(pub(crate) u64);

pub(crate) struct AdderService(Adder);

impl Actor for AdderService {
    type Context = Context<Self>;
}

impl Supervised for AdderService {}

impl Service for AdderService {
    const NAME: &'static str = "adder";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Add>();
    }
}

impl Handler<Add> for AdderService {
    type Result = Result<u64, Refused>;

    fn handle(&mut self, Add(number): Add, _: &mut Context<Self>) -> Self::Result {
        self.0.add(number)
    }
}

/// `client.send`, with the node's default timeout.
pub struct Send {
    client: Client,
    _node: Node,
}

impl Send {
    /// Starts a node with the service; must run inside an actix system.
    pub async fn start() -> Self {
        let node = start(Node::builder("bench").service(adder())).await;
        Self { client: node.client(), _node: node }
    }
}

impl Ask for Send {
    async fn ask(&self, number: u64) -> u64 {
        self.client.send(Add(number)).await.expect("the service runs and never refuses")
    }
}

/// Plain `Addr::send` to the supervised service.
pub struct SendToAddr {
    addr: Addr<AdderService>,
    _node: Node,
}

impl SendToAddr {
    /// Starts a node with the service; must run inside an actix system.
    ///
    /// # Panics
    ///
    /// If the service does not run.
    pub async fn start() -> Self {
        let node = start(Node::builder("bench").service(adder())).await;
        Self { addr: node.addr().expect("the service runs"), _node: node }
    }
}

impl Ask for SendToAddr {
    async fn ask(&self, number: u64) -> u64 {
        self.addr.send(Add(number)).await.expect("the service runs").expect("the service never refuses")
    }
}

pub(crate) fn adder() -> AdderService {
    AdderService(Adder::default())
}

async fn start(node: NodeBuilder) -> Node {
    node.start().await.expect("the node starts")
}

/// The event.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("sale.made")]
pub struct Sold(pub(crate) Sale);

/// Takes a clone of the event.
pub(crate) struct Subscriber(Till);

impl Actor for Subscriber {
    type Context = Context<Self>;
}

impl Supervised for Subscriber {}

impl Service for Subscriber {
    const NAME: &'static str = "subscriber";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Sold>();
    }
}

impl Handler<Sold> for Subscriber {
    type Result = Result<(), EventError>;

    fn handle(&mut self, Sold(sale): Sold, _: &mut Context<Self>) -> Self::Result {
        self.0.ring_up(&sale);
        Ok(())
    }
}

pub(crate) fn subscriber(tally: &Arc<Tally>) -> Subscriber {
    Subscriber(Till::new(tally))
}

/// Shares the event with all other subscribers and sees its metadata.
struct Reader(Till);

impl Actor for Reader {
    type Context = Context<Self>;
}

impl Supervised for Reader {}

impl Service for Reader {
    const NAME: &'static str = "reader";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Sold>>();
    }
}

impl Handler<Delivery<Sold>> for Reader {
    type Result = Result<(), EventError>;

    fn handle(&mut self, sold: Delivery<Sold>, _: &mut Context<Self>) -> Self::Result {
        self.0.ring_up(&sold.0);
        Ok(())
    }
}

/// `client.emit` to supervised services.
pub struct Emitter {
    client: Client,
    _node: Node,
}

impl Emitter {
    /// A node whose services take the event itself; must run inside an actix system.
    pub async fn start(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        Self::over(fan_out, || subscriber(tally)).await
    }

    /// A node whose services take its delivery.
    pub async fn start_readers(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        Self::over(fan_out, || Reader(Till::new(tally))).await
    }

    async fn over<S: Service>(fan_out: FanOut, service: impl Fn() -> S) -> Self {
        let named = |node: NodeBuilder, index| node.service_named(format!("{}-{index}", S::NAME), service());
        let node = (0..fan_out.width).fold(Node::builder("bench"), named);
        let node = start(node).await;
        Self { client: node.client(), _node: node }
    }
}

impl Emit for Emitter {
    fn emit(&self, sale: Sale) {
        self.client.emit(Sold(sale));
    }
}
