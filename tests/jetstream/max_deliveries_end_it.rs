//! An event that is delivered again and again becomes a dead letter: seen by the node when it comes once too often, or
//! told by the server when it gives up.

use async_nats::jetstream::AckKind;
use futures::StreamExt;
use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{LIMIT, Log, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn once_too_often() {
    let server = NatsServer::jetstream();
    let stream = || jobs().max_deliveries(2);
    let (outside, name) = (Outside::of(&server).await, consumer_of("worker"));
    let node = shop(&server, stream()).start().await.unwrap();
    let subscription = node.subscribe::<Made>(named("worker"), async |_: Delivery<Made>| Ok(()));
    outside.until("its consumer is there", &name, |it| it.config.max_deliver > 2).await;
    subscription.keep();
    node.shutdown(Duration::from_secs(5)).await;

    // Processes that take it and die.
    outside.context.publish("job.made", "7".into()).await.unwrap().await.unwrap();
    let consumer = outside.consumer(&name).await.unwrap();
    for _ in 0..2 {
        let mut batch = consumer.batch().max_messages(1).expires(LIMIT).messages().await.unwrap();
        let message = batch.next().await.unwrap().unwrap();
        message.ack_with(AckKind::Nak(None)).await.unwrap();
    }

    let node = shop(&server, stream()).start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let subscription = node.subscribe::<Made>(named("worker"), async move |made: Delivery<Made>| {
        log.push(made.0);
        Ok(())
    });
    until("it is a dead letter", || subscription.stats().dead_lettered == 1).await;
    outside.until("it is ended", &name, |it| it.ack_floor.stream_sequence == 1).await;
    let letter = node.dead_letters().list(Filter::new()).await.unwrap().letters.remove(0);
    assert_eq!((letter.reason, letter.payload.get()), (Reason::MaxDeliveries, "7"));
    assert_eq!((&*letter.service, &*letter.subscription), ("worker", "job.made"));
    assert_eq!((seen.len(), subscription.stats().imbalance()), (0, 0));
    // It can be replayed, and others are handled.
    node.dead_letters().replay(&letter.id).await.unwrap();
    node.client().emit(Made(8));
    until("both are handled", || seen.len() == 2).await;
    assert_eq!(seen.all(), [7, 8]);
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn as_the_server_says() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let retry = Retry::exponential(3).first_delay(Duration::from_secs(5)).jitter(false);
    let subscription = node.subscribe::<Made>(named("worker").retry(retry), async |_: Delivery<Made>| {
        Err(EventError::msg("no"))
    });
    let (outside, name) = (Outside::of(&server).await, consumer_of("worker"));
    let mut config = outside.until("its consumer is there", &name, |_| true).await.config;
    // Somebody thinks that once is enough.
    config.max_deliver = 1;
    let update = serde_json::json!({ "stream_name": "JOBS", "config": config });
    let changed = outside
        .context
        .request::<_, _, serde_json::Value>(format!("CONSUMER.CREATE.JOBS.{name}.job.made"), &update)
        .await
        .unwrap();
    assert_eq!(changed["config"]["max_deliver"], 1, "{changed}");
    node.client().emit(Made(9));
    until("it goes back", || subscription.stats().returned == 1).await;
    until("it is a dead letter", || subscription.stats().dead_lettered == 1).await;
    let letter = node.dead_letters().list(Filter::new()).await.unwrap().letters.remove(0);
    assert_eq!((letter.reason, letter.payload.get()), (Reason::MaxDeliveries, "9"));
    assert_eq!((&*letter.service, &*letter.subscription), ("worker", "job.made"));
    assert!(letter.error_message.contains("given it up"), "{}", letter.error_message);
    assert_eq!(subscription.stats().imbalance(), 0);
    node.shutdown(Duration::from_secs(5)).await;
}
