//! No handler runs inside of `emit`, and none inside of another handler. Each may spawn local tasks, wherever the event
//! came from.

use nestling::prelude::*;

use crate::support::{Log, Tick, Tock, until};

/// Answers a tick with a tock, and takes both.
struct Echo(Log<&'static str>);
impl Actor for Echo {
    type Context = Context<Self>;
}
impl Supervised for Echo {}
impl Service for Echo {
    const NAME: &'static str = "echo";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>();
        patterns.event::<Tock>();
    }
}
impl Handler<Tick> for Echo {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Tick { n }: Tick, ctx: &mut Context<Self>) -> Self::Result {
        self.0.push("tick begins");
        ctx.client().emit(Tock { n });
        self.0.push("tick ends");
        Ok(())
    }
}
impl Handler<Tock> for Echo {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tock, _: &mut Context<Self>) -> Self::Result {
        self.0.push("tock");
        Ok(())
    }
}

#[actix::test]
async fn neither_the_emitters_nor_in_anothers_hands() {
    let log = Log::default();
    let builder = Node::builder("test").service_named("first", Echo(log.clone()));
    let node = builder.service_named("second", Echo(log.clone())).start().await.unwrap();
    // The first event finds services that start, the second finds them idle.
    for round in 0..2 {
        let before = round * 8;
        node.client().emit(Tick { n: 1 });
        assert_eq!(log.len(), before, "a handler ran inside of `emit`");
        until("all is handled", || log.len() == before + 8).await;
        let seen = log.all().split_off(before);
        let ticks = ["tick begins", "tick ends", "tick begins", "tick ends"];
        assert_eq!(seen[..4], ticks, "{seen:?}");
        assert_eq!(seen[4..], ["tock"; 4], "{seen:?}");
    }
}

#[actix::test]
async fn they_may_spawn_local_tasks() {
    let log = Log::default();
    let node = Node::builder("test").start().await.unwrap();
    let seen = log.clone();
    node.subscribe::<Tick>(SubscribeOptions::new(), async move |tick| {
        let seen = seen.clone();
        actix::spawn(async move { seen.push(tick.n) });
        Ok(())
    })
    .keep();
    for n in [1, 2] {
        // The first finds the subscriber as it starts, the second finds it idle.
        let client = node.client();
        tokio::spawn(async move { client.emit(Tick { n }) }).await.unwrap();
        until("its task has run", || log.len() == n as usize).await;
    }
    let client = node.client();
    std::thread::spawn(move || client.emit(Tick { n: 3 })).join().unwrap();
    until("its task has run", || log.len() == 3).await;
    assert_eq!(log.all(), [1, 2, 3]);
    assert_eq!(node.stats().total().dead_lettered, 0);
}
