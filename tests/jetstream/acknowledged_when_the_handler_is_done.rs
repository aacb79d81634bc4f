//! The broker is told that an event was handled when it has been, and not before.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Gate, Log, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn and_only_then() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let (gate, seen) = (Gate::closed(), Log::default());
    let (pass, log) = (gate.clone(), seen.clone());
    let subscription = node.subscribe::<Made>(named("worker"), async move |made: Delivery<Made>| {
        log.push(made.0);
        pass.pass().await;
        Ok(())
    });
    for n in 1..=2 {
        node.client().emit_confirmed(Made(n)).await.unwrap();
    }
    until("the first is in hand", || seen.len() == 1).await;
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    let held = outside.info(&consumer).await.unwrap();
    assert_eq!((held.num_ack_pending, held.ack_floor.stream_sequence, held.num_pending), (1, 0, 1));
    gate.open(2);
    outside.until("both are acknowledged", &consumer, |it| it.ack_floor.stream_sequence == 2).await;
    assert_eq!((seen.all(), subscription.stats().handled), (vec![1, 2], 2));
    let info = outside.info(&consumer).await.unwrap();
    assert_eq!((info.num_ack_pending, info.num_redelivered, info.num_pending), (0, 0, 0));
    subscription.keep();
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.stats.balances());
}
