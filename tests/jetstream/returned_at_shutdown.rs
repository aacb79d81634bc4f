//! What a node holds when its shutdown reaches its limit goes back to the broker, at once, and is nobody's dead letter.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Gate, Log, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn and_is_handled_by_the_next_node() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let gate = Gate::closed();
    let pass = gate.clone();
    let subscription =
        node.subscribe::<Made>(named("worker").concurrency(2), async move |made: Delivery<Made>| {
            if made.0 > 0 {
                pass.pass().await;
            }
            Ok(())
        });
    for n in 0..20 {
        node.client().emit(Made(n));
    }
    until("one is handled", || subscription.stats().handled == 1).await;
    until("two are in hand", || subscription.stats().in_flight == 2).await;
    until("the others are queued", || subscription.stats().queued == 17).await;
    subscription.keep();
    let report = node.shutdown(Duration::from_millis(200)).await;
    let total = report.stats.total();
    assert!(!report.drained && report.stats.balances());
    assert_eq!((total.handled, total.returned, total.dead_lettered), (1, 19, 0));
    assert_eq!(report.stats.dead_letters.recorded, 0);

    // Long before the broker would lose its patience.
    let node = shop(&server, jobs()).start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let again = node.subscribe::<Made>(named("worker").concurrency(2), async move |made: Delivery<Made>| {
        log.push(made.0);
        Ok(())
    });
    let began = std::time::Instant::now();
    until("the others are handled", || again.stats().handled == 19).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let mut all = seen.all();
    all.sort_unstable();
    assert_eq!(all, (1..20).collect::<Vec<_>>());
    let outside = Outside::of(&server).await;
    outside
        .until("all are acknowledged", &consumer_of("worker"), |it| it.ack_floor.stream_sequence == 20)
        .await;
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn and_what_can_be_handled_in_time_is() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let subscription = node.subscribe::<Made>(named("worker").concurrency(2), async |_: Delivery<Made>| {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Ok(())
    });
    for n in 0..40 {
        node.client().emit(Made(n));
    }
    until("some are queued", || subscription.stats().queued > 10).await;
    subscription.keep();
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.stats.balances());
    let total = report.stats.total();
    let outside = Outside::of(&server).await;
    let consumer = consumer_of("worker");
    // What came has been handled, and the rest is still there: not delivered yet, or handed back.
    let rest = 40 - total.handled;
    outside
        .until("the rest is there", &consumer, |it| it.num_ack_pending as u64 + it.num_pending == rest)
        .await;
}
