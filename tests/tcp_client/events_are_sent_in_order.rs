//! Events go out as NestJS sends them, in the order in which they were emitted, over one connection.

use futures::StreamExt;
use nestling::prelude::*;
use nestling::{TcpClient, TcpStatus};
use serde_json::json;

use crate::peer::{Peer, soon};
use crate::types::{Counted, Noted};

#[tokio::test]
async fn an_event_is_what_nestjs_sends() {
    let peer = Peer::start().await;
    let client = peer.client();
    client.emit(Noted { text: "é".to_owned() }).unwrap();
    client.emit_json(json!({ "b": 1, "a": "\"" }), json!([1])).unwrap();
    client.client().emit(Counted(7));
    let mut connection = peer.accept().await;
    for (route, data) in [
        (r#"{"cmd":"noted"}"#, json!({ "text": "é" })),
        (r#"{"a":"\"","b":1}"#, json!([1])),
        ("counted", json!(7)),
    ] {
        let event = connection.packet().await;
        let id = event["metadata"]["x-message-id"].clone();
        assert!(id.is_string(), "{event}");
        assert_eq!(event, json!({ "pattern": route, "data": data, "metadata": { "x-message-id": id } }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_emitter_in_its_order_over_a_pool_too() {
    const EVENTS: u32 = 5_000;
    let peer = Peer::start().await;
    let client = TcpClient::builder(peer.address().to_string()).connections(4).build();
    let emitters: Vec<_> = (0..2)
        .map(|emitter| {
            let client = client.clone();
            std::thread::spawn(move || (emitter, client))
        })
        .collect();
    client.emit(Counted(u32::MAX)).unwrap();
    let mut connection = peer.accept().await;
    connection.packet().await;
    for emitter in emitters {
        // On threads that have no runtime: the client is connected already.
        let (emitter, client) = emitter.join().unwrap();
        std::thread::spawn(move || {
            for n in 0..EVENTS {
                while client.emit(Counted(n * 2 + emitter)).is_err() {
                    std::thread::yield_now();
                }
            }
        });
    }
    let mut next = [0, 1];
    for _ in 0..EVENTS * 2 {
        let n = u32::try_from(connection.packet().await["data"].as_u64().unwrap()).unwrap();
        let expected = &mut next[n as usize % 2];
        assert_eq!(n, *expected);
        *expected += 2;
    }
    assert!(peer.has_no_other().await);
}

#[tokio::test]
async fn events_wait_for_a_peer_that_is_not_there_yet() {
    let peer = Peer::start().await;
    let address = peer.address();
    drop(peer);
    let client = TcpClient::builder(address.to_string())
        .reconnect(Backoff::new(Duration::from_millis(5), 2.0, Duration::from_millis(20)))
        .build();
    let mut status = client.status();
    for n in 0..10 {
        client.emit(Counted(n)).unwrap();
    }
    while soon(status.next()).await != Some(TcpStatus::Reconnecting) {}
    let peer = Peer::start_at(address).await;
    let mut connection = peer.accept().await;
    for n in 0..10 {
        assert_eq!(connection.packet().await["data"], json!(n));
    }
}
