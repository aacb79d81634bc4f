//! What becomes of services can be subscribed to as events.

use nestling::prelude::*;

use crate::support::{Log, Tick, until};

struct Frail;
impl Actor for Frail {
    type Context = Context<Self>;
}
impl Supervised for Frail {}
impl Service for Frail {
    const NAME: &'static str = "frail";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>().max_restarts(1, Duration::from_secs(60));
    }
}
impl Handler<Tick> for Frail {
    type Result = Result<(), EventError>;
    fn handle(&mut self, tick: Tick, _: &mut Context<Self>) -> Self::Result {
        panic!("tick {}", tick.n)
    }
}

struct Watch(Log<String>);
impl Actor for Watch {
    type Context = Context<Self>;
}
impl Supervised for Watch {}
impl Service for Watch {
    const NAME: &'static str = "watch";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns
            .event::<ServiceStarted>()
            .event::<ServiceRestarted>()
            .event::<ServiceFailed>()
            .event::<ServiceStopped>();
    }
}
impl Handler<ServiceStarted> for Watch {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: ServiceStarted, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("started {}", event.service));
        Ok(())
    }
}
impl Handler<ServiceRestarted> for Watch {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: ServiceRestarted, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("restarted {} {} {}", event.service, event.restarts, event.reason));
        Ok(())
    }
}
impl Handler<ServiceFailed> for Watch {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: ServiceFailed, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("failed {} {}", event.service, event.reason));
        Ok(())
    }
}
impl Handler<ServiceStopped> for Watch {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: ServiceStopped, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("stopped {}", event.service));
        Ok(())
    }
}

#[actix::test]
async fn tell_of_every_service() {
    let log = Log::default();
    let node = Node::builder("test").service(Frail).service(Watch(log.clone())).start().await.unwrap();
    until("both have started", || log.len() == 2).await;
    node.client().emit(Tick { n: 1 });
    node.client().emit(Tick { n: 2 });
    until("it has been given up", || log.len() == 4).await;
    drop(node.subscribe::<Tick>(SubscribeOptions::new().name("guest"), async |_| Ok(())));
    until("the guest has gone", || log.all().contains(&"stopped guest".to_owned())).await;
    let mut all = log.all();
    all[..2].sort();
    assert_eq!(
        all[..4],
        ["started frail", "started watch", "restarted frail 1 panic: tick 1", "failed frail panic: tick 2"]
    );
}

#[actix::test]
async fn a_dead_letter_is_an_event_and_its_handlers_failure_is_not_one_again() {
    let node = Node::builder("test").start().await.unwrap();
    let log = Log::default();
    let seen = log.clone();
    let options = SubscribeOptions::new().name("alarm");
    let alarm = node.subscribe::<DeadLettered>(options, async move |event: Delivery<DeadLettered>| {
        seen.push((event.letter.service.clone(), event.letter.reason));
        Err(EventError::msg("the alarm is broken"))
    });
    let _failing =
        node.subscribe::<Tick>(SubscribeOptions::new().name("failing"), async |_| Err(EventError::msg("no")));
    node.client().emit(Tick { n: 1 });
    until("the alarm has failed", || alarm.stats().dead_lettered == 1).await;
    let stored = node.dead_letters().list(Filter::new()).await.unwrap().letters;
    assert_eq!(log.all(), [("failing".to_owned(), Reason::HandlerError)]);
    assert_eq!(stored.len(), 1, "{stored:?}");
    let stats = node.stats();
    assert_eq!((stats.dead_letters.recorded, stats.dead_letters.not_kept), (1, 1));
    assert!(stats.balances());
}
