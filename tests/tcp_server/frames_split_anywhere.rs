//! However a stream of frames is cut into segments, it means the same.

use crate::support::{Peer, frame, started};

const REQUEST: &str = r#"{"pattern":"echo","data":"aé€😀z","id":"ü"}"#;
const REPLY: &str = r#"{"response":"aé€😀z","isDisposed":true,"id":"ü"}"#;

#[actix::test]
async fn at_every_byte() {
    let (node, _) = started().await;
    let mut peer = Peer::to(&node).await;
    let bytes = frame(REQUEST);
    for at in 1..bytes.len() {
        peer.write(&bytes[..at]).await;
        // An event between the two would be one between two frames: only time tells that nothing is to come. What is
        // written here has reached the server when another connection's request, sent later, has been answered.
        Peer::to(&node).await.expect_well().await;
        peer.write(&bytes[at..]).await;
        assert_eq!(peer.reply().await, REPLY, "split at {at}");
    }
}

#[actix::test]
async fn byte_by_byte() {
    let (node, _) = started().await;
    let mut peer = Peer::to(&node).await;
    for byte in frame(REQUEST) {
        peer.write([byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(peer.reply().await, REPLY);
}

#[actix::test]
async fn many_in_one_segment() {
    let (node, _) = started().await;
    let mut peer = Peer::to(&node).await;
    let requests: Vec<u8> =
        (0..500).flat_map(|n| frame(&format!(r#"{{"pattern":"sum","data":[{n}],"id":{n}}}"#))).collect();
    peer.write(requests).await;
    for n in 0..500 {
        assert_eq!(peer.reply().await, format!(r#"{{"response":{n},"isDisposed":true,"id":{n}}}"#));
    }
}

#[actix::test]
async fn twelve_thousand_tiny_ones_in_one_write() {
    let (node, _) = started().await;
    let mut peer = Peer::to(&node).await;
    peer.write("2#{}".repeat(12_000)).await;
    peer.expect_well().await;
}

#[actix::test]
async fn a_megabyte_of_every_plane() {
    let (node, _) = started().await;
    let mut peer = Peer::to(&node).await;
    let text = "aé€😀".repeat(100_000);
    let reply = peer.ask(&format!(r#"{{"pattern":"echo","data":"{text}","id":1}}"#)).await;
    assert_eq!(reply, format!(r#"{{"response":"{text}","isDisposed":true,"id":1}}"#));
}
