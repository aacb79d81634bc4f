//! A lane with concurrency handles many events at once.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Gate, Log, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn and_handles_so_many_at_once() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let (gate, seen) = (Gate::closed(), Log::default());
    let (pass, log) = (gate.clone(), seen.clone());
    let subscription =
        node.subscribe::<Made>(named("worker").concurrency(8), async move |made: Delivery<Made>| {
            log.push(made.0);
            pass.pass().await;
            Ok(())
        });
    for n in 0..100 {
        node.client().emit(Made(n));
    }
    until("eight are in hand", || seen.len() == 8).await;
    assert_eq!(subscription.stats().in_flight, 8);
    gate.open(100);
    until("all are handled", || subscription.stats().handled == 100).await;
    let outside = Outside::of(&server).await;
    outside
        .until("all are acknowledged", &consumer_of("worker"), |it| it.ack_floor.stream_sequence == 100)
        .await;
    let mut all = seen.all();
    all.sort_unstable();
    assert_eq!(all, (0..100).collect::<Vec<_>>());
    node.shutdown(Duration::from_secs(5)).await;
}
