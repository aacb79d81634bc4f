//! While the server is away requests fail at once, and those that waited are settled. Events wait, up to the bound, and
//! are sent when it is back; what cannot wait, and what never could be sent, is a dead letter that can be replayed.

use std::time::{Duration, Instant};

use nestling::prelude::*;
use nestling::{Nats, ReplayOptions, RequestError};

use crate::nats_server::NatsServer;
use crate::support::{Created, Double, Held, Numbers, caller, desk, letters, settled, soon, until};

fn is_transport<E>(error: &RequestError<E>) -> bool {
    matches!(error, RequestError::Transport { .. })
}

#[actix::test]
async fn what_waits_is_settled_and_goes_on_with_the_next() {
    let mut server = NatsServer::start();
    let (_node, seen) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client = caller.client();
    let waiting: Vec<_> = (0..20)
        .map(|n| {
            let client = client.clone();
            actix::spawn(async move { client.send(Held(n)).await })
        })
        .collect();
    until("they run", || seen.begun() == 20).await;
    server.kill();
    for waiting in waiting {
        let error = soon("its end", waiting).await.unwrap().unwrap_err();
        assert!(is_transport(&error), "{error}");
    }
    let began = Instant::now();
    let error = soon("a refusal", client.send(Double(1))).await.unwrap_err();
    assert!(is_transport(&error) && began.elapsed() < Duration::from_secs(5), "{error}");
    let mut stream = client.stream(Numbers(3));
    let item = soon("a refusal", futures::StreamExt::next(&mut stream)).await;
    assert!(matches!(item, Some(Err(error)) if is_transport(&error)));
    server.begin();
    there(&caller).await;
}

#[actix::test]
async fn events_wait_for_the_next_connection_in_order() {
    let mut server = NatsServer::start();
    let (_node, seen) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client = caller.client();
    client.emit(Created(0));
    settled(&caller).await;
    until("the first came", || seen.len() == 1).await;
    server.stop();
    away(&caller).await;
    for n in 1..500 {
        client.emit(Created(n));
    }
    let confirmed = client.clone();
    let confirmed =
        actix::spawn(
            async move { confirmed.emit_confirmed(Created(500)).timeout(Duration::from_secs(20)).await },
        );
    server.begin();
    assert_eq!(soon("its confirmation", confirmed).await.unwrap(), Ok(()));
    // The service may have come back later than the events were sent, and core NATS does not wait for it.
    settled(&caller).await;
    let lines = seen.lines();
    let numbers: Vec<u32> = lines.iter().map(|line| line["created ".len()..].parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert!(letters(&caller).await.is_empty());
}

/// Waits until the node knows that the server is away.
pub(crate) async fn away(node: &Node) {
    soon("it is away", async {
        while !matches!(node.client().send(Double(1)).await, Err(RequestError::Transport { .. })) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// Waits until the service is there.
async fn there(node: &Node) {
    soon("it is there", async {
        while node.client().send(Double(1)).await != Ok(2) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[actix::test]
async fn what_exceeds_the_bound_is_a_dead_letter_and_can_be_replayed() {
    let mut server = NatsServer::start();
    let (_node, seen) = desk("shop", &server).await;
    let nats = Nats::url(server.url()).buffered_events(10);
    let caller = Node::builder("caller").connect(nats).start().await.unwrap();
    server.stop();
    away(&caller).await;
    for n in 0..25 {
        caller.client().emit(Created(n));
    }
    let dead = letters(&caller).await;
    assert_eq!(dead.len(), 15);
    assert!(dead.iter().all(|letter| letter.reason == Reason::Unreachable && letter.service.is_empty()));
    assert!(dead[0].error_message.contains("buffered_events"), "{}", dead[0].error_message);
    server.begin();
    there(&caller).await;
    settled(&caller).await;
    let came = seen.len();
    let letters = caller.dead_letters();
    let report =
        soon("the replay", letters.replay_matching(Filter::default(), ReplayOptions::default())).await;
    assert_eq!(report.handled, 15, "{report:?}");
    until("they came", || seen.len() >= came + 15).await;
}

#[actix::test]
async fn a_node_may_start_before_its_server() {
    let mut server = NatsServer::start();
    server.stop();
    let nats = Nats::url(server.url()).keep_trying();
    let caller = Node::builder("caller").connect(nats).start().await.unwrap();
    let error = soon("a refusal", caller.client().send(Double(1))).await.unwrap_err();
    assert!(is_transport(&error), "{error}");
    server.begin();
    let (_node, _) = desk("shop", &server).await;
    there(&caller).await;
}
