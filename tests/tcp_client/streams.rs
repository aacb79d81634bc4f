//! Streams: a connection of their own each, no faster than they are read, closed when nobody reads.

use futures::StreamExt;
use nestling::RemoteError;
use nestling::prelude::*;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::peer::{Connection, Peer, frame, soon};
use crate::types::{Counted, Double, Ticks, TooMany};

#[tokio::test]
async fn items_and_the_end_in_each_of_nestjs_sequences() {
    let item = |n: u32| json!({ "response": n });
    let last = json!({ "response": 3, "isDisposed": true });
    let end = json!({ "isDisposed": true });
    let remote = || RequestError::Remote(RemoteError::new("ticks".to_owned(), json!("boom")));
    for (packets, items) in [
        (vec![item(1), item(2), last.clone()], vec![Ok(1), Ok(2), Ok(3)]),
        (vec![item(1), item(2), end.clone()], vec![Ok(1), Ok(2)]),
        (vec![last], vec![Ok(3)]),
        (vec![end], vec![]),
        (
            vec![item(1), json!({ "err": { "most": 1 }, "isDisposed": true })],
            vec![Ok(1), Err(RequestError::Handler(TooMany { most: 1 }))],
        ),
        (vec![item(1), json!({ "err": "boom" })], vec![Ok(1), Err(remote())]),
        (
            vec![json!({
                "status": "error",
                "err": "There is no matching message handler defined in the remote service.",
            })],
            vec![Err(RequestError::NoHandler { pattern: "ticks".to_owned() })],
        ),
    ] {
        let peer = Peer::start().await;
        let read = tokio::spawn(peer.client().stream(Ticks(9)).collect::<Vec<_>>());
        let mut connection = peer.accept().await;
        let request = connection.packet().await;
        assert_eq!((&request["pattern"], &request["data"]), (&json!("ticks"), &json!(9)));
        for packet in packets {
            connection.reply(&request, packet).await;
        }
        assert_eq!(soon(read).await.unwrap(), items);
        connection.end().await;
    }
}

#[tokio::test]
async fn as_json() {
    let peer = Peer::start().await;
    let read = tokio::spawn(peer.client().stream_json("any", Value::Null).collect::<Vec<_>>());
    let mut connection = peer.accept().await;
    let request = connection.packet().await;
    connection.reply(&request, json!({ "response": [1] })).await;
    connection.reply(&request, json!({})).await;
    connection.reply(&request, json!({ "isDisposed": true })).await;
    assert_eq!(soon(read).await.unwrap(), [Ok(json!([1])), Ok(Value::Null)]);
}

/// Writes items until the socket takes no more for a while, or the other end is gone; how many.
async fn flood(connection: &mut Connection, request: &Value) -> (u32, bool) {
    let id = &request["id"];
    let mut written = 0;
    loop {
        let item = frame(&json!({ "response": written, "id": id, "isDisposed": false }).to_string());
        match tokio::time::timeout(Duration::from_millis(300), connection.stream.write_all(item.as_bytes()))
            .await
        {
            Ok(Ok(())) => written += 1,
            Ok(Err(_)) => return (written, true),
            Err(_) => return (written, false),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_pauses_stops_the_peer_and_nobody_else() {
    let peer = Peer::start().await;
    let client = peer.client();
    let mut ticks = client.stream(Ticks(0));
    let reads = async { soon(ticks.next()).await };
    let serves = async {
        let mut connection = peer.accept().await;
        let request = connection.packet().await;
        let (written, gone) = flood(&mut connection, &request).await;
        (connection, request, written, gone)
    };
    let (first, (mut connection, request, written, gone)) = tokio::join!(reads, serves);
    assert_eq!(first, Some(Ok(0)));
    assert!(!gone);
    // Sockets hold some megabytes of 50 bytes each; the client holds nearly nothing.
    assert!(written < 1_000_000, "{written} items were taken from the peer, and one was read");
    let answered = async {
        let mut connection = peer.accept().await;
        let request = connection.packet().await;
        connection.respond(&request, json!(4)).await;
        connection
    };
    assert_eq!(tokio::join!(client.send(Double(2)), answered).0, Ok(4), "others go on meanwhile");
    for n in 1..written {
        assert_eq!(soon(ticks.next()).await, Some(Ok(n)));
    }
    // The item on which the peer was stopped may have been cut; from here the peer is stuck in it.
    drop(ticks);
    let ended = async { while !flood(&mut connection, &request).await.1 {} };
    soon(ended).await;
}

#[tokio::test]
async fn a_reader_that_goes_closes_the_connection() {
    let peer = Peer::start().await;
    let client = peer.client();
    client.emit(Counted(1)).unwrap();
    let mut shared = peer.accept().await;
    shared.packet().await;
    let mut ticks = client.stream(Ticks(0));
    let serves = async {
        let mut connection = peer.accept().await;
        let request = connection.packet().await;
        connection.reply(&request, json!({ "response": 1 })).await;
        connection
    };
    let (first, mut connection) = tokio::join!(ticks.next(), serves);
    assert_eq!(first, Some(Ok(1)));
    drop(ticks);
    connection.end().await;
    client.emit(Counted(2)).unwrap();
    assert_eq!(shared.packet().await["data"], json!(2), "the other connection stays");
}

#[tokio::test]
async fn one_that_nobody_waits_for_before_it_begins() {
    let peer = Peer::start().await;
    let mut ticks = peer.client().stream(Ticks(0));
    assert!(futures::poll!(ticks.next()).is_pending());
    let mut connection = peer.accept().await;
    connection.packet().await;
    drop(ticks);
    connection.end().await;
}

#[tokio::test]
async fn the_timeout_is_for_the_first_item() {
    let peer = Peer::start().await;
    let client = peer.client();
    let after = Duration::from_millis(40);
    let late = soon(client.stream(Ticks(0)).timeout(after).collect::<Vec<_>>()).await;
    assert!(
        matches!(late[..], [Err(RequestError::Timeout { after: told, .. })] if told == after),
        "{late:?}"
    );
    let mut connection = peer.accept().await;
    connection.packet().await;
    connection.end().await;

    let after = Duration::from_millis(500);
    let read = tokio::spawn(client.stream(Ticks(0)).timeout(after).collect::<Vec<_>>());
    let mut connection = peer.accept().await;
    let request = connection.packet().await;
    connection.reply(&request, json!({ "response": 1 })).await;
    tokio::time::sleep(after + Duration::from_millis(50)).await;
    connection.respond(&request, json!(2)).await;
    assert_eq!(soon(read).await.unwrap(), [Ok(1), Ok(2)]);
}

#[tokio::test]
async fn a_lost_connection_is_the_last_item() {
    let peer = Peer::start().await;
    let client = peer.client();
    let read = tokio::spawn(client.stream(Ticks(0)).collect::<Vec<_>>());
    let mut connection = peer.accept().await;
    let request = connection.packet().await;
    connection.reply(&request, json!({ "response": 1 })).await;
    drop(connection);
    let items = soon(read).await.unwrap();
    assert!(matches!(items[..], [Ok(1), Err(RequestError::Transport { .. })]), "{items:?}");
    drop(peer);
    let items = soon(client.stream(Ticks(0)).collect::<Vec<_>>()).await;
    let is =
        matches!(&items[..], [Err(RequestError::Transport { message, .. })] if message.contains("refused"));
    assert!(is, "{items:?}");
}
