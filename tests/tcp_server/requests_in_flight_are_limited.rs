//! While a connection has as many requests in flight as it may, or as many bytes of them, its socket is not read: the
//! peer's writes stall, and nothing is lost.

use std::time::Duration;

use nestling::Tcp;
use tokio::io::AsyncWriteExt;

use crate::support::{Peer, frame, started_with, until};

#[actix::test]
async fn by_their_number() {
    let (node, seen) = started_with(Tcp::port(0).max_in_flight(10)).await;
    let mut peer = Peer::to(&node).await;
    // Far more than the socket's buffers take.
    let request = frame(&format!(r#"{{"pattern":"held","data":"{}","id":1}}"#, "x".repeat(10_000)));
    const REQUESTS: usize = 2_000;
    let mut written = 0;
    let stalled = async {
        for _ in 0..REQUESTS {
            peer.stream.write_all(&request).await.unwrap();
            written += 1;
        }
    };
    // A write that stalls makes itself known by nothing but time.
    tokio::time::timeout(Duration::from_secs(1), stalled).await.unwrap_err();
    assert!(written < REQUESTS - 10);
    assert_eq!(seen.begun(), 10);
    Peer::to(&node).await.expect_well().await;

    // Each answer makes room for one.
    seen.open(5);
    for _ in 0..5 {
        peer.json().await;
    }
    until("five more are begun", || seen.begun() == 15).await;
}

#[actix::test]
async fn by_their_bytes() {
    let (node, seen) = started_with(Tcp::port(0)).await;
    let mut peer = Peer::to(&node).await;
    let request = frame(&format!(r#"{{"pattern":"held","data":"{}","id":1}}"#, "x".repeat(1024 * 1024)));
    let stalled = async {
        for _ in 0..40 {
            peer.stream.write_all(&request).await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(2), stalled).await.unwrap_err();
    assert_eq!(seen.begun(), 16, "of 1 MiB each");
    seen.open(1);
    peer.json().await;
    until("one more is begun", || seen.begun() == 17).await;
}
