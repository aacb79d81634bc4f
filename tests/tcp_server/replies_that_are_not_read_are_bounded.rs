//! A peer that does not read its replies: no more of them are made than are buffered, and in time it is closed.

use std::time::Duration;

use nestling::Tcp;

use crate::support::{Peer, soon, started_with, until};

/// 64 MiB.
const ITEMS: usize = 1_024;
const BYTES: usize = 64 * 1024;

/// What the system's own buffers of two sockets may take, and the items on their way, generously.
const SOCKETS: usize = 12 * 1024 * 1024;

#[actix::test]
async fn and_made_when_they_are_read() {
    let (node, seen) = started_with(Tcp::port(0).max_buffered(256 * 1024)).await;
    let mut peer = Peer::to(&node).await;
    peer.send(&format!(r#"{{"pattern":"items","data":{{"bytes":{BYTES},"count":{ITEMS}}},"id":1}}"#)).await;
    let mut made = 0;
    // No more are made: a thousand turns of the others change nothing.
    loop {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        Peer::to(&node).await.expect_well().await;
        if seen.items() == made && made > 0 {
            break;
        }
        made = seen.items();
    }
    println!("{made} of {ITEMS} items of 64 KiB made for a peer that reads none");
    assert!(made * BYTES < SOCKETS, "{made} items");

    for _ in 0..ITEMS {
        assert_eq!(peer.json().await["response"].as_str().map(str::len), Some(BYTES));
    }
    assert_eq!(seen.items(), ITEMS);
}

#[actix::test]
async fn and_its_requests_are_not_read_either() {
    let (node, _) = started_with(Tcp::port(0)).await;
    let mut peer = Peer::to(&node).await;
    let text = "x".repeat(64 * 1024);
    let request = crate::support::frame(&format!(r#"{{"pattern":"echo","data":"{text}","id":1}}"#));
    let mut written = 0;
    let stalled = async {
        for _ in 0..ITEMS {
            tokio::io::AsyncWriteExt::write_all(&mut peer.stream, &request).await.unwrap();
            written += 1;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), stalled).await.unwrap_err();
    assert!(written * BYTES < 2 * SOCKETS, "{written} requests");
}

#[actix::test]
async fn and_closed_after_frame_time() {
    let (node, seen) = started_with(Tcp::port(0).frame_time(Duration::from_millis(200))).await;
    let mut peer = Peer::to(&node).await;
    peer.send(&format!(r#"{{"pattern":"items","data":{{"bytes":{BYTES},"count":{ITEMS}}},"id":1}}"#)).await;
    until("the stream is dropped", || seen.dropped() == 1).await;
    assert!(seen.items() < ITEMS);
    // It gets what was under way, and then its end.
    soon("the end", async { while peer.next().await.is_some() {} }).await;
}

#[actix::test]
async fn and_a_peer_that_reads_slowly_is_not_closed() {
    let (node, seen) = started_with(Tcp::port(0).frame_time(Duration::from_millis(400))).await;
    let mut peer = Peer::to(&node).await;
    peer.send(&format!(r#"{{"pattern":"items","data":{{"bytes":{BYTES},"count":{ITEMS}}},"id":1}}"#)).await;
    // For several times what a peer may take over nothing.
    for _ in 0..80 {
        assert_eq!(peer.json().await["id"], 1);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(seen.items() < ITEMS, "it was slow");
    for _ in 80..ITEMS {
        peer.json().await;
    }
}
