//! What waits is bounded: requests beyond it are refused, events given back.

use nestling::TcpClient;
use nestling::prelude::*;
use serde_json::json;

use crate::peer::{Peer, soon, until};
use crate::types::{Counted, Double, TooMany};

#[tokio::test]
async fn requests_that_are_not_answered() {
    let peer = Peer::start().await;
    let client = TcpClient::builder(peer.address().to_string()).queue(3).build();
    let ask = |n| {
        let client = client.clone();
        tokio::spawn(async move { client.send(Double(n)).await })
    };
    let waiting = [ask(0), ask(1), ask(2)];
    let mut connection = peer.accept().await;
    let mut requests = Vec::new();
    for _ in 0..3 {
        requests.push(connection.packet().await);
    }
    let refused = soon(client.send(Double(9))).await;
    let Err(RequestError::Overloaded { service, bound, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!((service, bound), (format!("tcp://{}", peer.address()), 3));
    for request in &requests {
        connection.respond(request, json!(1)).await;
    }
    for waiting in waiting {
        assert_eq!(soon(waiting).await.unwrap(), Ok(1));
    }
    let again = ask(3);
    let request = connection.packet().await;
    connection.respond(&request, json!(6)).await;
    assert_eq!(soon(again).await.unwrap(), Ok(6), "there is room again");
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_leaves_room() {
    let peer = Peer::start().await;
    let client = TcpClient::builder(peer.address().to_string()).queue(3).build();
    let waiting: Vec<_> = (0..3)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move { client.send(Double(n)).await })
        })
        .collect();
    let mut connection = peer.accept().await;
    for _ in 0..3 {
        connection.packet().await;
    }
    for waiting in waiting {
        waiting.abort();
        assert!(soon(waiting).await.unwrap_err().is_cancelled());
    }
    // The sweep forgets them: nobody ever answers.
    let in_time = Duration::from_millis(1);
    let mut answer =
        Err(RequestError::Overloaded { pattern: String::new(), service: String::new(), bound: 0 });
    let began = std::time::Instant::now();
    while matches!(answer, Err(RequestError::<TooMany>::Overloaded { .. })) {
        assert!(began.elapsed() < Duration::from_secs(5));
        answer = soon(client.send(Double(7)).timeout(in_time)).await;
        tokio::task::yield_now().await;
    }
    assert!(matches!(answer, Err(RequestError::Timeout { .. })), "{answer:?}");
}

#[tokio::test]
async fn events_are_given_back() {
    let peer = Peer::start().await;
    let address = peer.address();
    drop(peer);
    let client = TcpClient::builder(address.to_string()).queue(5).build();
    for n in 0..5 {
        client.emit(Counted(n)).unwrap();
    }
    let unsent = client.emit(Counted(5)).unwrap_err();
    assert_eq!(unsent.event, Counted(5));
    let says = unsent.to_string();
    assert!(
        says.contains("`counted`") && says.contains(&format!("tcp://{address}")) && says.contains('5'),
        "{says}"
    );
    assert_eq!(client.emit_json("any", json!([1])).unwrap_err().into_event(), json!([1]));
    let peer = Peer::start_at(address).await;
    let mut connection = peer.accept().await;
    for n in 0..5 {
        assert_eq!(connection.packet().await["data"], json!(n));
    }
    client.emit(Counted(6)).unwrap();
    assert_eq!(connection.packet().await["data"], json!(6));
}

#[tokio::test]
async fn bytes_to_a_peer_that_does_not_read() {
    let peer = Peer::start().await;
    let client = TcpClient::builder(peer.address().to_string()).queue_bytes(1024 * 1024).build();
    let connection = {
        client.emit(Counted(0)).unwrap();
        peer.accept().await
    };
    let large = json!("x".repeat(100 * 1024));
    let mut taken = 0;
    let says = loop {
        match client.emit_json("large", large.clone()) {
            Ok(()) => taken += 1,
            Err(unsent) => break unsent.reason,
        }
        assert!(taken < 1000, "100 MB were taken");
        tokio::task::yield_now().await;
    };
    assert!(says.contains("bytes"), "{says}");
    let refused = soon(client.send_json("large", large.clone())).await;
    assert!(matches!(refused, Err(RequestError::Transport { .. })), "{refused:?}");
    let reading = tokio::spawn(async move {
        let mut connection = connection;
        connection.end().await;
    });
    until(|| client.emit_json("large", large.clone()).is_ok()).await;
    drop(client);
    soon(reading).await.unwrap();
}
