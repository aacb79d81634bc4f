//! The limits in time: of a frame that does not come to its end, and of a connection on which nothing happens.

use std::time::{Duration, Instant};

use nestling::Tcp;

use crate::support::{Peer, frame, started_with, until};

#[actix::test]
async fn a_dribbler_is_cut_off() {
    let (node, _) = started_with(Tcp::port(0).frame_time(Duration::from_millis(200))).await;
    for bytes in ["5", "1000#{", r#"42#{"pattern""#] {
        let mut peer = Peer::to(&node).await;
        let began = Instant::now();
        peer.write(bytes).await;
        // A byte now and then does not help.
        let (mut reads, mut writes) = peer.stream.into_split();
        let dribble = async {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let _ = tokio::io::AsyncWriteExt::write_all(&mut writes, b"0").await;
            }
        };
        let mut byte = [0];
        let ended = crate::support::soon("the end", tokio::io::AsyncReadExt::read(&mut reads, &mut byte));
        tokio::select! {
            () = dribble => {}
            read = ended => assert!(!matches!(read, Ok(bytes) if bytes > 0)),
        }
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(150) && took < Duration::from_secs(5), "{bytes:?}: {took:?}");
    }
}

#[actix::test]
async fn a_slow_peer_whose_frames_come_to_their_end_is_not() {
    let (node, _) = started_with(Tcp::port(0).frame_time(Duration::from_millis(400))).await;
    let mut peer = Peer::to(&node).await;
    let bytes = frame(r#"{"pattern":"sum","data":[1],"id":1}"#);
    let half = bytes.len() / 2;
    for _ in 0..10 {
        // Never a moment without half a frame at the server.
        peer.write(&bytes[..half]).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        peer.write(&bytes[half..]).await;
    }
    for _ in 0..10 {
        peer.json().await;
    }
}

#[actix::test]
async fn a_peer_that_is_not_read_is_not_blamed_for_half_a_frame() {
    let (node, seen) = started_with(Tcp::port(0).frame_time(Duration::from_millis(400))).await;
    let mut peer = Peer::to(&node).await;
    let sum = frame(r#"{"pattern":"sum","data":[1],"id":2}"#);
    let mut bytes = frame(r#"{"pattern":"items","data":{"bytes":1048576,"count":80},"id":1}"#);
    bytes.extend(&sum[..10]);
    peer.write(bytes).await;
    until("its replies fill the buffers", || seen.items() > 16).await;
    peer.write(&sum[10..]).await;
    // It reads all the time, for several times what a frame may take, and too slowly to be read itself.
    for _ in 0..50 {
        assert_eq!(peer.json().await["id"], 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut items = 50;
    while peer.json().await["id"] == 1 {
        items += 1;
    }
    assert!(items > 50, "the sum came before the buffers were full: nothing was tested");
}

#[actix::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let (node, seen) = started_with(Tcp::port(0).idle_time(Duration::from_millis(200))).await;
    let mut busy = Peer::to(&node).await;
    busy.send(r#"{"pattern":"held","data":1,"id":1}"#).await;
    for before in ["", " \n", r#"7#{"a":1}"#] {
        let mut idle = Peer::to(&node).await;
        idle.write(before).await;
        let began = Instant::now();
        idle.expect_end().await;
        assert!(began.elapsed() >= Duration::from_millis(150), "{:?}", began.elapsed());
    }
    seen.open(1);
    assert_eq!(busy.json().await["id"], 1);
}
