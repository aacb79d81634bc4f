//! kameo: supervised tokio tasks, with async handlers boxed for each message.

use std::convert::Infallible;
use std::sync::Arc;

use ::kameo::Actor;
use ::kameo::actor::{ActorRef, Spawn};
use ::kameo::mailbox;
use ::kameo::message::{Context, Message};
use kameo_actors::DeliveryStrategy;
use kameo_actors::pubsub::{PubSub, Publish};

use crate::events::{Emit, FanOut, Sale, Tally, Till};
use crate::requests::{Adder, Ask, Refused};

struct Add(u64);

#[derive(Default)]
struct AdderActor(Adder);

impl Actor for AdderActor {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(state: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(state)
    }
}

impl Message<Add> for AdderActor {
    type Reply = Result<u64, Refused>;

    async fn handle(&mut self, Add(number): Add, _: &mut Context<Self, Self::Reply>) -> Self::Reply {
        self.0.add(number)
    }
}

/// `ActorRef::ask`, with kameo's default mailbox of 64 places.
pub struct AskRef(ActorRef<AdderActor>);

impl AskRef {
    /// Starts the actor.
    #[must_use]
    pub fn start() -> Self {
        Self(AdderActor::spawn(AdderActor::default()))
    }
}

impl Ask for AskRef {
    async fn ask(&self, number: u64) -> u64 {
        self.0.ask(Add(number)).await.expect("the actor runs and never refuses")
    }
}

#[derive(Clone)]
struct Sold(Sale);

struct Subscriber(Till);

impl Actor for Subscriber {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(state: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(state)
    }
}

impl Message<Sold> for Subscriber {
    type Reply = ();

    async fn handle(&mut self, Sold(sale): Sold, _: &mut Context<Self, ()>) {
        self.0.ring_up(&sale);
    }
}

/// A `Publish` told to the `PubSub` actor. Guaranteed delivery into unbounded mailboxes, so that it neither drops nor
/// waits.
pub struct Topic(ActorRef<PubSub<Sold>>);

impl Topic {
    /// Starts the subscribers.
    #[must_use]
    pub fn start(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        let mut topic = PubSub::new(DeliveryStrategy::Guaranteed);
        for _ in 0..fan_out.width {
            topic.subscribe(Subscriber::spawn_with_mailbox(
                Subscriber(Till::new(tally)),
                mailbox::unbounded(),
            ));
        }
        Self(PubSub::spawn_with_mailbox(topic, mailbox::unbounded()))
    }
}

impl Emit for Topic {
    fn emit(&self, sale: Sale) {
        self.0.tell(Publish(Sold(sale))).try_send().expect("the topic runs");
    }
}
