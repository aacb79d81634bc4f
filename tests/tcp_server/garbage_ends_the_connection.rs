//! What is no frame, or no JSON in one, ends its connection, once what was asked for before is answered.

use nestling::Tcp;
use tokio::io::AsyncWriteExt;
use tracing::Level;

use crate::logs::Logs;
use crate::support::{Peer, frame, started, started_with, until};

#[actix::test]
async fn of_every_kind() {
    let (node, _) = started().await;
    let mut healthy = Peer::to(&node).await;
    for garbage in [
        "hello there#",
        "#",
        "GET / HTTP/1.1\r\n\r\n",
        "-5#hello",
        "0#",
        "0x27#{}",
        "7#no json",
        "3#{}}",
        "99999999999999999999999999#{}",
        // Longer than a frame may be.
        "999999999#{}",
        // One unit too few: it ends within a letter.
        "5#\"ab😀\"",
        &"1".repeat(100),
        "\u{16}\u{3}\u{1}",
    ] {
        let logs = Logs::default();
        let _collecting = logs.collect();
        let mut peer = Peer::to(&node).await;
        peer.write(garbage).await;
        peer.expect_end().await;
        let logged = logs.at(Level::WARN);
        assert_eq!(logged.len(), 1, "{garbage:?}: {logged:?}");
        healthy.expect_well().await;
    }
}

#[actix::test]
async fn answers_to_earlier_frames_still_come() {
    let (node, seen) = started().await;
    let mut peer = Peer::to(&node).await;
    let mut bytes = frame(r#"{"pattern":"held","data":1,"id":"held"}"#);
    bytes.extend(frame(r#"{"pattern":"sum","data":[1],"id":"sum"}"#));
    bytes.extend(b"garbage#");
    // More than the server has read when it closes: a socket that is closed with this unread would take its last
    // words back.
    bytes.extend(vec![b'x'; 512 * 1024]);
    peer.write(bytes).await;
    assert_eq!(peer.json().await["id"], "sum");
    until("it is begun", || seen.begun() == 1).await;
    seen.open(1);
    assert_eq!(peer.json().await["id"], "held");
    peer.expect_end().await;
}

#[actix::test]
async fn all_of_an_answer_comes_though_it_is_read_late() {
    let logs = Logs::default();
    let _collecting = logs.collect();
    let (node, _) = started().await;
    let mut peer = Peer::to(&node).await;
    let request = format!(r#"{{"pattern":"echo","data":"{}","id":1}}"#, "x".repeat(1024 * 1024));
    let mut bytes = frame(&request);
    bytes.extend(b"garbage#");
    peer.write(bytes).await;
    // Far more than the server reads at once.
    let mut writer = peer.second_handle();
    actix::spawn(async move { while writer.write_all(&[b'x'; 64 * 1024]).await.is_ok() {} });
    until("the garbage is seen", || !logs.at(Level::WARN).is_empty()).await;
    // Time for the server to write, and to close.
    for _ in 0..20 {
        Peer::to(&node).await.expect_well().await;
    }
    assert_eq!(peer.json().await["response"].as_str().map(str::len), Some(1024 * 1024));
    peer.expect_end().await;
}

#[actix::test]
async fn nothing_is_read_after_it() {
    let (node, seen) = started().await;
    let mut peer = Peer::to(&node).await;
    let mut bytes = b"garbage#".to_vec();
    bytes.extend(frame(r#"{"pattern":"held","data":1,"id":1}"#));
    peer.write(bytes).await;
    peer.expect_end().await;
    assert_eq!(seen.begun(), 0);
}

#[actix::test]
async fn a_frame_at_its_limit_is_taken_and_one_beyond_is_not() {
    let (node, _) = started_with(Tcp::port(0).max_frame(1_000)).await;
    let request = |fill: usize| format!(r#"{{"pattern":"echo","data":"{}","id":1}}"#, "x".repeat(fill));
    let fill = 1_000 - request(0).len();
    let mut peer = Peer::to(&node).await;
    peer.ask_json(&request(fill)).await;
    peer.send(&request(fill + 1)).await;
    peer.expect_end().await;

    // In bytes, whatever the letters.
    let mut peer = Peer::to(&node).await;
    peer.send(&format!(r#"{{"pattern":"echo","data":"{}","id":1}}"#, "é".repeat(fill / 2 + 1))).await;
    peer.expect_end().await;
}
