//! A subscription with a lane of its own keeps its order there, and is not held up by the service's other events.

use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, Tock, idle, until};

struct TwoLanes {
    gate: Gate,
    ticks: Log<u32>,
    tocks: Log<u32>,
}
impl Actor for TwoLanes {
    type Context = Context<Self>;
}
impl Supervised for TwoLanes {}
impl Service for TwoLanes {
    const NAME: &'static str = "two-lanes";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>().event::<Tock>().lane();
    }
}
impl Handler<Tick> for TwoLanes {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, tick: Tick, _: &mut Context<Self>) -> Self::Result {
        let (gate, ticks) = (self.gate.clone(), self.ticks.clone());
        Box::pin(async move {
            gate.pass().await;
            ticks.push(tick.n);
            Ok(())
        })
    }
}
impl Handler<Tock> for TwoLanes {
    type Result = ResponseActFuture<Self, Result<(), EventError>>;
    fn handle(&mut self, tock: Tock, _: &mut Context<Self>) -> Self::Result {
        let work = tokio::task::yield_now().into_actor(self);
        Box::pin(work.map(move |(), this, _| {
            this.tocks.push(tock.n);
            Ok(())
        }))
    }
}

#[actix::test]
async fn keeps_its_order_and_is_not_held_up() {
    let (gate, ticks, tocks) = (Gate::closed(), Log::default(), Log::default());
    let service = TwoLanes { gate: gate.clone(), ticks: ticks.clone(), tocks: tocks.clone() };
    let node = Node::builder("test").service(service).start().await.unwrap();
    for n in 0..50 {
        node.client().emit(Tick { n });
        node.client().emit(Tock { n });
    }
    until("all that has its own lane is handled", || tocks.len() == 50).await;
    assert_eq!(tocks.all(), (0..50).collect::<Vec<_>>());
    assert_eq!(ticks.len(), 0, "the service's ordered lane still waits for its first");
    gate.open(50);
    idle(&node).await;
    assert_eq!(ticks.all(), (0..50).collect::<Vec<_>>());
}
