//! Subscribers of run time: one that is taken away gives back what it has not handled, and its successor of the same name
//! goes on there. And a consumer that is deleted at the server is made again.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Gate, Log, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn and_go_on_where_they_were() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let (gate, first, second) = (Gate::closed(), Log::default(), Log::default());
    let (pass, log) = (gate.clone(), first.clone());
    let subscription =
        node.subscribe::<Made>(named("worker").concurrency(2), async move |made: Delivery<Made>| {
            log.push(made.0);
            if made.0 >= 5 {
                pass.pass().await;
            }
            Ok(())
        });
    for n in 0..20 {
        node.client().emit(Made(n));
    }
    until("some are handled", || first.len() == 7 && subscription.stats().queued == 13).await;
    drop(subscription);
    gate.open(2);
    until("it has gone", || node.stats().service("worker").is_none()).await;
    let log = second.clone();
    let again = node.subscribe::<Made>(named("worker").concurrency(2), async move |made: Delivery<Made>| {
        log.push(made.0);
        Ok(())
    });
    until("the successor has the rest", || again.stats().handled == 13).await;
    let mut all = [first.all(), second.all()].concat();
    all.sort_unstable();
    assert_eq!(all, (0..20).collect::<Vec<_>>());
    let gone = node.stats().ended.remove(0);
    assert_eq!((gone.ledger.handled, gone.ledger.returned, gone.ledger.dead_lettered), (7, 13, 0));
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn a_consumer_that_is_deleted_is_made_again() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let subscription = node.subscribe::<Made>(named("worker"), async move |made: Delivery<Made>| {
        log.push(made.0);
        Ok(())
    });
    node.client().emit(Made(1));
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    outside.until("it is handled", &consumer, |it| it.ack_floor.stream_sequence == 1).await;
    outside.context.delete_consumer_from_stream(&consumer, "JOBS").await.unwrap();
    node.client().emit(Made(2));
    until("the next is handled", || seen.len() == 2).await;
    // The new consumer begins with the first; what was handled is known.
    outside.until("all is acknowledged", &consumer, |it| it.ack_floor.stream_sequence == 2).await;
    assert_eq!((seen.all(), subscription.stats().suppressed), (vec![1, 2], 1));
    node.shutdown(Duration::from_secs(5)).await;
}

/// Once by name and once by wildcard.
struct Twice(Log<(&'static str, u32)>);

impl Actor for Twice {
    type Context = Context<Self>;
}

impl Supervised for Twice {}

impl Service for Twice {
    const NAME: &'static str = "twice";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Made>().matching("job.*");
    }
}

impl Handler<Made> for Twice {
    type Result = Result<(), EventError>;

    fn handle(&mut self, made: Made, _: &mut Context<Self>) -> Self::Result {
        self.0.push(("name", made.0));
        Ok(())
    }
}

impl Handler<AnyEvent> for Twice {
    type Result = Result<(), EventError>;

    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        self.0.push(("wildcard", event.decode::<u32>()?));
        Ok(())
    }
}

#[actix::test]
async fn a_service_that_matches_an_event_twice_handles_it_twice() {
    let server = NatsServer::jetstream();
    let seen = Log::default();
    let node = shop(&server, jobs()).service(Twice(seen.clone())).start().await.unwrap();
    for n in 1..=2 {
        node.client().emit(Made(n));
    }
    until("both are handled", || seen.len() == 4).await;
    assert_eq!(seen.all(), [("name", 1), ("wildcard", 1), ("name", 2), ("wildcard", 2)]);
    let outside = Outside::of(&server).await;
    let info =
        outside.until("both are acknowledged", "shop-twice", |it| it.ack_floor.stream_sequence == 2).await;
    assert_eq!((info.config.filter_subject.as_str(), info.config.filter_subjects.len()), ("job.*", 0));
    node.shutdown(Duration::from_secs(5)).await;
}
