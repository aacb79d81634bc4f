//! A slow service holds the broker back, and not its own memory.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Gate, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn by_the_streams_prefetch() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs().prefetch(10)).start().await.unwrap();
    for n in 0..200 {
        node.client().emit(Made(n));
    }
    node.client().emit_confirmed(Made(200)).await.unwrap();
    let gate = Gate::closed();
    let pass = gate.clone();
    let subscription =
        node.subscribe::<Made>(named("worker").concurrency(2), async move |_: Delivery<Made>| {
            pass.pass().await;
            Ok(())
        });
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    outside.until("it has what it may hold", &consumer, |it| it.num_ack_pending == 10).await;
    for handled in 1..=40 {
        gate.open(1);
        until("one more is handled", || subscription.stats().handled >= handled).await;
        let held = subscription.stats();
        assert!(held.queued + held.in_flight <= 10, "{held:?}");
        let info = outside.info(&consumer).await.unwrap();
        assert!(info.num_ack_pending <= 11, "{info:?}");
    }
    let info = outside.info(&consumer).await.unwrap();
    assert!(info.num_pending >= 150, "{info:?}");
    gate.open(200);
    until("all are handled", || subscription.stats().handled == 201).await;
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn and_by_the_lanes_room() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    for n in 0..50 {
        node.client().emit(Made(n));
    }
    let gate = Gate::closed();
    let pass = gate.clone();
    let options = named("worker").concurrency(2).capacity(5);
    let subscription = node.subscribe::<Made>(options, async move |_: Delivery<Made>| {
        pass.pass().await;
        Ok(())
    });
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    outside.until("it has what it may hold", &consumer, |it| it.num_ack_pending == 5).await;
    gate.open(50);
    until("all are handled", || subscription.stats().handled == 50).await;
    assert_eq!(subscription.stats().dead_lettered, 0);
    node.shutdown(Duration::from_secs(5)).await;
}
