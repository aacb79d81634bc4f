//! Closing writes what is queued, and ends the rest.

use futures::StreamExt;
use nestling::prelude::*;
use nestling::{TcpClient, TcpStatus};
use serde_json::json;

use crate::peer::{Peer, soon};
use crate::types::{Counted, Double};

const EVENTS: u32 = 5_000;

async fn all_came(peer: Peer) {
    let mut connection = peer.accept().await;
    for n in 0..EVENTS {
        assert_eq!(connection.packet().await["data"], json!(n));
    }
    assert_eq!(connection.next().await, None);
}

#[tokio::test]
async fn close_waits_until_all_is_written() {
    let peer = Peer::start().await;
    let client = peer.client();
    let mut status = client.status();
    for n in 0..EVENTS {
        client.emit(Counted(n)).unwrap();
    }
    let other = client.clone();
    tokio::join!(all_came(peer), soon(client.close()));
    while soon(status.next()).await != Some(TcpStatus::Closed) {}
    assert!(other.emit(Counted(0)).unwrap_err().reason.contains("was closed"));
    let refused = soon(other.send(Double(1))).await;
    assert!(
        matches!(&refused, Err(RequestError::Transport { message, .. }) if message.contains("was closed"))
    );
    soon(other.close()).await;
}

#[tokio::test]
async fn dropping_the_last_clone_writes_all_too() {
    let peer = Peer::start().await;
    let client = peer.client();
    for n in 0..EVENTS {
        client.emit(Counted(n)).unwrap();
    }
    drop(client.client());
    drop(client);
    all_came(peer).await;
}

#[tokio::test]
async fn requests_on_their_way_are_answered_or_told() {
    let peer = Peer::start().await;
    let client = peer.client();
    let ask = |n| {
        let client = client.clone();
        tokio::spawn(async move { client.send(Double(n)).await })
    };
    let (first, second) = (ask(1), ask(2));
    let mut connection = peer.accept().await;
    let (one, _two) = (connection.packet().await, connection.packet().await);
    let closing = tokio::spawn(client.close());
    assert_eq!(connection.next().await, None, "it sends nothing more");
    connection.respond(&one, json!(2)).await;
    assert_eq!(soon(first).await.unwrap(), Ok(2), "and still reads");
    drop(connection);
    let refused = soon(second).await.unwrap();
    assert!(matches!(refused, Err(RequestError::Transport { .. })), "{refused:?}");
    soon(closing).await.unwrap();
}

#[tokio::test]
async fn a_peer_that_is_not_there_holds_it_up_no_longer_than_its_limit() {
    let peer = Peer::start().await;
    let address = peer.address().to_string();
    drop(peer);
    let began = std::time::Instant::now();
    let idle = TcpClient::builder(&address).eager().build();
    let refused = soon(idle.send(Double(1))).await;
    assert!(matches!(refused, Err(RequestError::Transport { .. })), "{refused:?}");
    soon(idle.close()).await;
    assert!(began.elapsed() < Duration::from_secs(3), "nothing was queued");
    let client = TcpClient::connect(&address);
    client.emit(Counted(1)).unwrap();
    let began = std::time::Instant::now();
    soon(client.close()).await;
    assert!((4..9).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}
