//! An event that a subscription has handled is not handled again when it comes again: it is acknowledged and counted. One
//! that failed is.

use async_nats::HeaderMap;
use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Log, Made, Outside, consumer_of, jobs, named, shop, until};

/// Publishes an event as if its publisher had never heard that it was there, and the server had forgotten it.
async fn publish(outside: &Outside, id: &str, n: u32) {
    let mut headers = HeaderMap::new();
    headers.insert("x-message-id", id);
    let payload = format!(r#"{{"pattern":"job.made","data":{n}}}"#);
    let published = outside.context.publish_with_headers("job.made", headers, payload.into()).await;
    published.unwrap().await.unwrap();
}

#[actix::test]
async fn by_its_id() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let subscription = node.subscribe::<Made>(named("worker"), async move |made: Delivery<Made>| {
        log.push(made.0);
        if made.0 == 13 { Err(EventError::msg("unlucky")) } else { Ok(()) }
    });
    let outside = Outside::of(&server).await;
    for (id, n) in [("a", 1), ("a", 1), ("b", 13), ("b", 13), ("c", 2), ("a", 1)] {
        publish(&outside, id, n).await;
    }
    outside.until("all are answered", &consumer_of("worker"), |it| it.ack_floor.stream_sequence == 6).await;
    assert_eq!(seen.all(), [1, 13, 13, 2]);
    let stats = subscription.stats();
    assert_eq!((stats.delivered, stats.handled, stats.dead_lettered, stats.suppressed), (4, 2, 2, 2));
    assert_eq!(stats.imbalance(), 0);
    node.shutdown(Duration::from_secs(5)).await;
}

#[cfg(feature = "sqlite")]
#[actix::test]
async fn also_by_the_next_process() {
    use nestling::SqliteHandled;

    let server = NatsServer::jetstream();
    let file = server.folder().join("handled.db");
    let outside = Outside::of(&server).await;
    for round in 0..2_u64 {
        let handled = SqliteHandled::open(&file).unwrap();
        let node = shop(&server, jobs()).handled(handled).start().await.unwrap();
        let subscription = node.subscribe::<Made>(named("worker"), async |_: Delivery<Made>| Ok(()));
        publish(&outside, "a", 1).await;
        outside
            .until("it is answered", &consumer_of("worker"), |it| it.ack_floor.stream_sequence == round + 1)
            .await;
        until("it is counted", || subscription.stats().handled + subscription.stats().suppressed == 1).await;
        assert_eq!(subscription.stats().suppressed, round);
        node.shutdown(Duration::from_secs(5)).await;
    }
}

#[actix::test]
async fn the_server_takes_an_id_once() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    node.client().emit_confirmed(Made(1)).await.unwrap();
    let outside = Outside::of(&server).await;
    let stream = outside.context.get_stream("JOBS").await.unwrap();
    let first = stream.get_raw_message(1).await.unwrap();
    let id = |name: &str| first.headers.get(name).map(|id| id.as_str().to_owned()).unwrap();
    assert_eq!(id("Nats-Msg-Id"), id("x-message-id"));
    let again =
        outside.context.publish_with_headers("job.made", first.headers.clone(), first.payload.clone());
    assert!(again.await.unwrap().await.unwrap().duplicate);
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn what_comes_without_an_id_has_one_that_stays() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs().ack_wait(Duration::from_secs(1))).start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let retry = Retry::exponential(1).first_delay(Duration::from_secs(5)).jitter(false);
    let options = named("worker").retry(retry).concurrency(2);
    node.subscribe::<Made>(options, async move |made: Delivery<Made>| {
        log.push((made.0, made.attempt(), made.metadata().id().to_string()));
        if made.attempt() == 1 { Err(EventError::msg("later")) } else { Ok(()) }
    })
    .keep();
    let outside = Outside::of(&server).await;
    outside.context.publish("job.made", "1".into()).await.unwrap().await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", "its own");
    outside.context.publish_with_headers("job.made", headers, "2".into()).await.unwrap().await.unwrap();
    until("both are handled", || seen.len() == 4).await;
    let mut all = seen.all();
    all.sort_unstable();
    let row = |n, attempt, id: &str| (n, attempt, id.to_owned());
    let expected = [row(1, 1, "JOBS:1"), row(1, 2, "JOBS:1"), row(2, 1, "its own"), row(2, 2, "its own")];
    assert_eq!(all, expected);
    node.shutdown(Duration::from_secs(5)).await;
}
