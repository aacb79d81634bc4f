//! When connections are made, and made again.

use futures::{Stream, StreamExt};
use nestling::prelude::*;
use nestling::{TcpClient, TcpStatus};
use serde_json::json;

use crate::peer::{Peer, soon, until};
use crate::types::{Counted, Double};

fn brisk() -> Backoff {
    Backoff::new(Duration::from_millis(2), 2.0, Duration::from_millis(10))
}

/// The statuses up to the one that is waited for.
async fn seen(status: &mut (impl Stream<Item = TcpStatus> + Unpin), last: TcpStatus) -> Vec<TcpStatus> {
    let mut seen = Vec::new();
    while seen.last() != Some(&last) {
        seen.push(soon(status.next()).await.unwrap());
    }
    seen
}

#[tokio::test]
async fn none_before_the_first_use_and_then_one() {
    let peer = Peer::start().await;
    let client = peer.client();
    let mut status = client.status();
    assert_eq!(soon(status.next()).await, Some(TcpStatus::Disconnected));
    assert!(peer.has_no_other().await);
    client.emit(Counted(1)).unwrap();
    client.emit(Counted(2)).unwrap();
    let mut connection = peer.accept().await;
    connection.packet().await;
    let to_connected = seen(&mut status, TcpStatus::Connected).await;
    assert!(
        [&[TcpStatus::Connecting, TcpStatus::Connected][..], &[TcpStatus::Connected]]
            .contains(&&to_connected[..])
    );
    assert!(peer.has_no_other().await);
}

#[tokio::test]
async fn a_lost_one_at_the_next_use() {
    let peer = Peer::start().await;
    let client = peer.client();
    let mut status = client.status();
    client.emit(Counted(1)).unwrap();
    let mut connection = peer.accept().await;
    connection.packet().await;
    seen(&mut status, TcpStatus::Connected).await;
    drop(connection);
    seen(&mut status, TcpStatus::Disconnected).await;
    assert!(peer.has_no_other().await);
    let asked = tokio::spawn(async move { client.send(Double(2)).await });
    let mut connection = peer.accept().await;
    let request = connection.packet().await;
    connection.respond(&request, json!(4)).await;
    assert_eq!(soon(asked).await.unwrap(), Ok(4));
    assert!(seen(&mut status, TcpStatus::Connected).await.len() <= 2);
    assert_eq!(
        seen(&mut status, TcpStatus::Closed).await.last(),
        Some(&TcpStatus::Closed),
        "the client is gone"
    );
    assert_eq!(soon(status.next()).await, None);
}

#[tokio::test]
async fn an_eager_one_at_once_and_again_and_again() {
    let peer = Peer::start().await;
    let address = peer.address();
    let client = TcpClient::builder(address.to_string()).eager().reconnect(brisk()).build();
    let mut status = client.status();
    for _ in 0..3 {
        let connection = peer.accept().await;
        seen(&mut status, TcpStatus::Connected).await;
        drop(connection);
        seen(&mut status, TcpStatus::Reconnecting).await;
    }
    let connection = peer.accept().await;
    drop((peer, connection));
    seen(&mut status, TcpStatus::Reconnecting).await;
    // Several attempts fail before somebody listens again.
    let began = std::time::Instant::now();
    until(|| began.elapsed() > Duration::from_millis(50)).await;
    let peer = Peer::start_at(address).await;
    peer.accept().await;
    assert_eq!(seen(&mut status, TcpStatus::Connected).await.last(), Some(&TcpStatus::Connected));
}

#[tokio::test]
async fn attempts_that_fail_are_made_less_and_less_often() {
    let peer = Peer::start().await;
    let backoff = Backoff::new(Duration::from_millis(40), 2.0, Duration::from_secs(9));
    let client = TcpClient::builder(peer.address().to_string()).eager().reconnect(backoff).build();
    let mut accepted = Vec::new();
    for _ in 0..4 {
        // It closes before it has said anything, which is as good as no connection.
        drop(peer.accept().await);
        accepted.push(std::time::Instant::now());
    }
    let waits: Vec<_> = accepted.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, least) in waits.iter().zip([20, 40, 80]) {
        assert!(*wait >= Duration::from_millis(least - 1), "{waits:?}");
    }
    drop(client);
}

#[tokio::test]
async fn a_name_with_several_addresses_is_tried_in_all() {
    // `localhost` is often `::1` first; the peer listens on 127.0.0.1 alone.
    let peer = Peer::start().await;
    let client = TcpClient::connect(format!("tcp://localhost:{}", peer.address().port()));
    client.emit(Counted(3)).unwrap();
    assert_eq!(peer.accept().await.packet().await["data"], json!(3));
}
