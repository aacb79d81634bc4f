//! A lane holds what it was told to hold; an event that finds it full is a dead letter, and the next one that finds
//! room is delivered.

use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, Tock, idle, letters, until};

struct Bounded {
    gate: Gate,
    seen: Log<String>,
}
impl Actor for Bounded {
    type Context = Context<Self>;
}
impl Supervised for Bounded {}
impl Service for Bounded {
    const NAME: &'static str = "bounded";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.capacity(3).event::<Tick>().event::<Tock>().lane_capacity(1);
    }
}
impl Handler<Tick> for Bounded {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, tick: Tick, _: &mut Context<Self>) -> Self::Result {
        let (gate, seen) = (self.gate.clone(), self.seen.clone());
        Box::pin(async move {
            gate.pass().await;
            seen.push(format!("tick {}", tick.n));
            Ok(())
        })
    }
}
impl Handler<Tock> for Bounded {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, tock: Tock, _: &mut Context<Self>) -> Self::Result {
        let (gate, seen) = (self.gate.clone(), self.seen.clone());
        Box::pin(async move {
            gate.pass().await;
            seen.push(format!("tock {}", tock.n));
            Ok(())
        })
    }
}

#[actix::test]
async fn each_to_its_own_bound() {
    let (gate, seen) = (Gate::closed(), Log::default());
    let service = Bounded { gate: gate.clone(), seen: seen.clone() };
    let node = Node::builder("test").service(service).start().await.unwrap();
    node.client().emit(Tick { n: 0 });
    node.client().emit(Tock { n: 0 });
    until("one of each is in hand", || node.stats().total().in_flight == 2).await;
    for n in 1..=5 {
        node.client().emit(Tick { n });
        node.client().emit(Tock { n });
    }
    until("all are delivered", || node.stats().total().delivered == 12).await;
    let stats = node.stats();
    let (ticks, tocks) =
        (stats.subscription("bounded", "tick").unwrap(), stats.subscription("bounded", "tock").unwrap());
    assert_eq!((ticks.queued, ticks.in_flight, ticks.dead_lettered), (3, 1, 2));
    assert_eq!((tocks.queued, tocks.in_flight, tocks.dead_lettered), (1, 1, 4));

    gate.open(6);
    idle(&node).await;
    node.client().emit(Tick { n: 6 });
    gate.open(1);
    until("there is room again", || seen.len() == 7).await;
    let ticks: Vec<_> = seen.all().into_iter().filter(|it| it.starts_with("tick")).collect();
    assert_eq!(ticks, ["tick 0", "tick 1", "tick 2", "tick 3", "tick 6"]);

    let letters = letters(&node).await;
    assert_eq!(letters.len(), 6);
    assert!(letters.iter().all(|it| it.reason == Reason::InboxFull && it.attempts == 0), "{letters:?}");
    let message = &letters.iter().find(|it| it.subscription == "tick").unwrap().error_message;
    assert_eq!(message, "the lane of service `bounded` holds 3 events");
}
