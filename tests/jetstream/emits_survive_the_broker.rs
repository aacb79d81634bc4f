//! What is emitted while the broker is away, restarts, or is killed is published when it is back: once, and in order.
//! What does not fit into the bound, and what the broker refuses, is a dead letter that can be replayed.

use nestling::prelude::*;
use nestling::{Nats, Replayed};

use crate::nats_server::NatsServer;
use crate::support::{Log, Made, Outside, consumer_of, jobs, named, shop, soon, until, until_async};

async fn collect(node: &Node) -> Log<u32> {
    let log = Log::default();
    let seen = log.clone();
    let options = named("worker");
    node.subscribe::<Made>(options, async move |made: Delivery<Made>| {
        log.push(made.0);
        Ok(())
    })
    .keep();
    seen
}

async fn letters(node: &Node) -> Vec<DeadLetter> {
    node.dead_letters().list(Filter::new().limit(1_000)).await.unwrap().letters
}

#[actix::test]
async fn while_it_is_away() {
    let mut server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let seen = collect(&node).await;
    node.client().emit_confirmed(Made(0)).await.unwrap();
    server.kill();
    for n in 1..=100 {
        node.client().emit(Made(n));
    }
    let error =
        node.client().emit_confirmed(Made(999)).timeout(Duration::from_millis(100)).await.unwrap_err();
    assert!(matches!(error, EmitError::Unreachable { .. } | EmitError::Unconfirmed { .. }), "{error:?}");
    server.begin();
    // It may have been on its way when the connection broke.
    let all = || seen.all().into_iter().filter(|n| *n != 999).collect::<Vec<_>>();
    until("all are handled", || all().len() == 101).await;
    node.client().emit_confirmed(Made(101)).await.unwrap();
    until("this one too", || all().len() == 102).await;
    assert_eq!(all(), (0..=101).collect::<Vec<_>>());
    assert!(letters(&node).await.is_empty());
    node.shutdown(Duration::from_secs(5)).await;
}

/// At any moment of a steady stream of emits.
#[actix::test]
async fn through_restarts_and_kills_in_order() {
    const EVENTS: u32 = 6_000;
    let mut server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    for n in 0..EVENTS {
        node.client().emit(Made(n));
        match n {
            _ if n == EVENTS / 3 => {
                server.stop();
                server.begin();
            }
            _ if n == EVENTS * 2 / 3 => {
                server.kill();
                server.begin();
            }
            _ if n % 50 == 0 => tokio::time::sleep(Duration::from_millis(1)).await,
            _ => {}
        }
    }
    let outside = Outside::of(&server).await;
    let stored = async || {
        let stream = outside.context.get_stream("JOBS").await;
        stream.map_or(0, |stream| stream.cached_info().state.messages)
    };
    until_async("all are in the stream", async || stored().await >= u64::from(EVENTS)).await;
    let stream = outside.context.get_stream("JOBS").await.unwrap();
    let mut in_order = Vec::new();
    for sequence in 1..=stream.cached_info().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        in_order.push(u32::try_from(body["data"].as_u64().unwrap()).unwrap());
    }
    assert_eq!(in_order.len(), EVENTS as usize);
    assert!(in_order.is_sorted(), "{:?}", in_order.windows(2).find(|pair| pair[0] > pair[1]));
    assert!(letters(&node).await.is_empty());
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn up_to_a_bound() {
    let mut server = NatsServer::jetstream();
    let nats = Nats::url(server.url())
        .buffered_events(10)
        .reconnect_waits(Duration::from_millis(5), Duration::from_millis(50));
    let node = Node::builder("shop").connect(nats).durable(jobs()).start().await.unwrap();
    let seen = collect(&node).await;
    node.client().emit_confirmed(Made(0)).await.unwrap();
    until("it has come", || seen.len() == 1).await;
    server.kill();
    for n in 1..=15 {
        node.client().emit(Made(n));
    }
    until("five are dead letters", || node.stats().dead_letters.recorded == 5).await;
    let buried = letters(&node).await;
    assert!(buried.iter().all(|letter| letter.reason == Reason::Unreachable && letter.service.is_empty()));
    assert!(buried[0].error_message.contains("buffered_events"), "{}", buried[0].error_message);
    server.begin();
    until("ten are handled", || seen.len() == 11).await;
    for letter in buried.iter().rev() {
        assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    }
    until("all are handled", || seen.len() == 16).await;
    assert_eq!(seen.all(), (0..=15).collect::<Vec<_>>());
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn what_the_broker_refuses_is_told() {
    let server = NatsServer::with("jetstream { store_dir: \"$FOLDER/store\" }\nmax_payload: 2048\n");
    let node = shop(&server, jobs()).start().await.unwrap();
    let error = node.client().emit_confirmed(Long("x".repeat(4_000))).await.unwrap_err();
    assert!(matches!(error, EmitError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("job.long"), "{error}");
    node.client().emit(Long("x".repeat(4_000)));
    until("it is a dead letter", || node.stats().dead_letters.recorded == 1).await;
    let letter = letters(&node).await.remove(0);
    assert_eq!((letter.reason, letter.payload.get().len()), (Reason::Unreachable, 4_002));
    for _ in 0..600 {
        node.client().emit(Long("x".repeat(4_000)));
    }
    // And nothing behind them waits.
    soon("the next", node.client().emit_confirmed(Made(1)).into_future()).await.unwrap();
    node.shutdown(Duration::from_secs(5)).await;
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("job.long")]
struct Long(String);

#[actix::test]
async fn a_stream_that_is_deleted_is_made_again() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let seen = collect(&node).await;
    node.client().emit_confirmed(Made(0)).await.unwrap();
    until("it has come", || seen.len() == 1).await;
    let outside = Outside::of(&server).await;
    outside.context.delete_stream("JOBS").await.unwrap();
    node.client().emit(Made(1));
    until("it is there again", || seen.len() == 2).await;
    assert_eq!(seen.all(), [0, 1]);
    assert!(outside.info(&consumer_of("worker")).await.is_some());
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn what_is_not_confirmed_at_the_end_is_a_dead_letter() {
    let mut server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    node.client().emit_confirmed(Made(0)).await.unwrap();
    server.kill();
    for n in 1..=3 {
        node.client().emit(Made(n));
    }
    let report = node.shutdown(Duration::from_millis(200)).await;
    assert_eq!(report.stats.dead_letters.recorded, 3);
}
