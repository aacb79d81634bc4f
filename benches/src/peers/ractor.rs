//! ractor: supervised tokio tasks with unbounded mailboxes.

use std::sync::Arc;

use ::ractor::rpc::CallResult;
use ::ractor::{Actor, ActorProcessingErr, ActorRef, OutputPort, RpcReplyPort};

use crate::events::{Emit, FanOut, Sale, Tally, Till};
use crate::requests::{Adder, Ask, Refused};

struct Add(u64, RpcReplyPort<Result<u64, Refused>>);

struct AdderActor;

impl Actor for AdderActor {
    type Msg = Add;
    type State = Adder;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Add>, _: ()) -> Result<Adder, ActorProcessingErr> {
        Ok(Adder::default())
    }

    async fn handle(
        &self,
        _: ActorRef<Add>,
        Add(number, reply): Add,
        adder: &mut Adder,
    ) -> Result<(), ActorProcessingErr> {
        Ok(reply.send(adder.add(number))?)
    }
}

/// `ActorRef::call` without a timeout.
pub struct Call(ActorRef<Add>);

impl Call {
    /// Starts the actor.
    ///
    /// # Panics
    ///
    /// If the actor does not start.
    pub async fn start() -> Self {
        Self(Actor::spawn(None, AdderActor, ()).await.expect("the actor starts").0)
    }
}

impl Ask for Call {
    async fn ask(&self, number: u64) -> u64 {
        match self.0.call(|reply| Add(number, reply), None).await {
            Ok(CallResult::Success(sum)) => sum.expect("the actor never refuses"),
            other => panic!("no response: {other:?}"),
        }
    }
}

#[derive(Clone)]
struct Sold(Sale);

struct Subscriber;

impl Actor for Subscriber {
    type Msg = Sold;
    type State = Till;
    type Arguments = Till;

    async fn pre_start(&self, _: ActorRef<Sold>, till: Till) -> Result<Till, ActorProcessingErr> {
        Ok(till)
    }

    async fn handle(
        &self,
        _: ActorRef<Sold>,
        Sold(sale): Sold,
        till: &mut Till,
    ) -> Result<(), ActorProcessingErr> {
        till.ring_up(&sale);
        Ok(())
    }
}

/// `OutputPort::send`.
pub struct Port(OutputPort<Sold>);

impl Port {
    /// Starts the subscribers.
    ///
    /// # Panics
    ///
    /// If one does not start.
    pub async fn start(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        let port = OutputPort::default();
        for _ in 0..fan_out.width {
            let (subscriber, _) =
                Actor::spawn(None, Subscriber, Till::new(tally)).await.expect("the subscriber starts");
            port.subscribe(subscriber, Some);
        }
        Self(port)
    }
}

impl Emit for Port {
    fn emit(&self, sale: Sale) {
        self.0.send(Sold(sale));
    }
}
