//! A request reaches the service in whatever node it is, and its answer comes back typed: values, the service's own
//! errors, streams, and that nobody is there.

use std::time::{Duration, Instant};

use futures::StreamExt;
use nestling::{ItemStream, RequestError};
use serde_json::{Value, json};

use crate::nats_server::NatsServer;
use crate::support::{
    About, Double, Held, Letters, Nobody, Numbers, Panics, Secret, TooMany, caller, connected, desk, soon,
};

#[actix::test]
async fn values_and_errors() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client = caller.client();
    assert_eq!(soon("a value", client.send(Double(21))).await, Ok(42));
    let error = soon("an error", client.send(Double(101))).await.unwrap_err();
    assert_eq!(error, RequestError::Handler(TooMany { most: 100 }));
    let json = soon("by its alias", client.send_json("double.alias", 4)).await;
    assert_eq!(json, Ok(json!(8)));
    let misfit = soon("a misfit", client.send_json(json!({ "cmd": "double" }), "x")).await.unwrap_err();
    assert!(misfit.to_string().contains("does not fit"), "{misfit}");
    let panicked = soon("a panic", client.send(Panics)).await.unwrap_err().to_string();
    assert!(
        panicked.contains("the handler of `panics` panicked") && !panicked.contains("sesame"),
        "{panicked}"
    );
}

#[actix::test]
async fn nobody_there_is_known_at_once() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let began = Instant::now();
    let error = soon("no handler", caller.client().send(Nobody)).await.unwrap_err();
    assert_eq!(error, RequestError::NoHandler { pattern: "nobody".to_owned() });
    // What is internal has no handler for others.
    let error = soon("no handler", caller.client().send_json("secret", Value::Null)).await.unwrap_err();
    assert_eq!(error, RequestError::NoHandler { pattern: "secret".to_owned() });
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[actix::test]
async fn what_is_internal_has_a_handler_here() {
    let server = NatsServer::start();
    let (node, _) = desk("shop", &server).await;
    assert_eq!(soon("it", node.client().send(Secret)).await, Ok(42));
}

#[actix::test]
async fn streams_come_in_order_and_end() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let numbers = |n| -> ItemStream<u32, TooMany> { caller.client().stream(Numbers(n)) };
    let items: Vec<_> = soon("the stream", numbers(50).collect()).await;
    assert_eq!(items, (1..=50).map(Ok).collect::<Vec<_>>());
    let items: Vec<_> = soon("nothing", numbers(0).collect()).await;
    assert_eq!(items, []);
    let mut items: Vec<_> = soon("an error at its end", numbers(200).collect()).await;
    assert_eq!(items.pop(), Some(Err(RequestError::Handler(TooMany { most: 100 }))));
    assert_eq!(items.len(), 100);
    // Two at once, each its own.
    let (one, other) = soon("both", futures::future::join(numbers(7).count(), numbers(9).count())).await;
    assert_eq!((one, other), (7, 9));
    // Of a stream that is sent as a message the first value is the response.
    assert_eq!(soon("one", caller.client().send_json("numbers", 3)).await, Ok(json!(1)));
}

#[actix::test]
async fn a_reader_that_leaves_is_forgotten() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    for _ in 0..100 {
        let mut stream = caller.client().stream(Numbers(100));
        assert_eq!(soon("the first", stream.next()).await, Some(Ok(1)));
    }
    assert_eq!(soon("another", caller.client().send(Double(1))).await, Ok(2));
}

#[actix::test]
async fn many_at_once_each_get_their_own() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client = caller.client();
    let all = (0..5_000_u32).map(|n| {
        let client = client.clone();
        async move { assert_eq!(client.send(Double(n % 100)).await, Ok(n % 100 * 2)) }
    });
    soon("all", futures::future::join_all(all)).await;
}

#[actix::test]
async fn timeouts_are_the_callers() {
    let server = NatsServer::start();
    let (_node, seen) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let within = Duration::from_millis(50);
    let error = soon("a timeout", caller.client().send(Held(1)).timeout(within)).await.unwrap_err();
    assert_eq!(error, RequestError::Timeout { pattern: "held".to_owned(), after: within });
    // Its late answer is for nobody.
    seen.open(2);
    assert_eq!(soon("the next", caller.client().send(Held(2))).await, Ok(2));
}

#[actix::test]
async fn what_is_larger_than_the_server_takes_is_an_error() {
    let server = NatsServer::with("max_payload: 10000\n");
    let (_node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client = caller.client();
    assert_eq!(soon("a small one", client.send(Letters(9_000))).await.map(|it| it.len()), Ok(9_000));
    let reply = soon("a large reply", client.send(Letters(10_000))).await.unwrap_err().to_string();
    assert!(reply.contains("has 100") && reply.contains("10000"), "{reply}");
    let request = soon("a large request", client.send_json("letters", "x".repeat(10_000))).await.unwrap_err();
    assert!(request.to_string().contains("max_payload"), "{request}");
    assert_eq!(soon("the next", client.send(Double(1))).await, Ok(2));
}

#[actix::test]
async fn a_local_handler_wins_unless_remote_ones_are_preferred() {
    let server = NatsServer::start();
    let (local, _) = desk("local", &server).await;
    let (remote, _) = desk("remote", &server).await;
    let received = |node: &nestling::Node| node.stats().service("desk").unwrap().requests.received;
    for n in 0..10 {
        assert_eq!(soon("it", local.client().send(Double(n))).await, Ok(2 * n));
    }
    assert_eq!((received(&local), received(&remote)), (10, 0));
    let seen = crate::support::Seen::default();
    let preferring = connected("local", &server).prefer_remote().service(crate::support::Desk(seen));
    let preferring = preferring.start().await.unwrap();
    for n in 0..60 {
        assert_eq!(soon("it", preferring.client().send(Double(n))).await, Ok(2 * n));
    }
    // By NATS, to one of all groups' members each, so that both others answered too.
    assert!(received(&local) > 10 && received(&remote) > 0, "{} {}", received(&local), received(&remote));
    assert_eq!(soon("what is internal", preferring.client().send(Secret)).await, Ok(42));
}

#[actix::test]
async fn metadata_goes_along() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client =
        caller.client().header("tenant", "acmé").header("traceparent", "00-1-2-01").correlation("root");
    let about = soon("it", client.send(About)).await.unwrap();
    assert_eq!(about["correlation"], "root");
    assert_eq!(about["headers"], json!({ "tenant": "acmé", "traceparent": "00-1-2-01" }));
}
