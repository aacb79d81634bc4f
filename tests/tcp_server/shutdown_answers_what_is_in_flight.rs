//! A shutdown lets nobody in, answers what is in flight within its limit, and then ends every connection. The port is
//! free afterwards.

use std::net::SocketAddr;
use std::time::Instant;

use nestling::prelude::*;
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Peer, frame, soon, started, until};

async fn is_free(address: SocketAddr) {
    drop(TcpListener::bind(address).await.unwrap());
    TcpStream::connect(address).await.unwrap_err();
}

#[actix::test]
async fn within_the_limit() {
    let (node, seen) = started().await;
    let address = node.listening()[0];
    let (mut peer, mut idle) = (Peer::to(&node).await, Peer::to(&node).await);
    idle.expect_well().await;
    peer.send(r#"{"pattern":"held","data":1,"id":"held"}"#).await;
    until("it runs", || seen.begun() == 1).await;

    let ended = async { node.shutdown(Duration::from_secs(10)).await };
    let told = async {
        soon("nobody is let in", async { while TcpStream::connect(address).await.is_ok() {} }).await;
        let reply = peer.ask_json(r#"{"pattern":"sum","data":[1],"id":"late"}"#).await;
        assert_eq!(reply["id"], "late");
        assert_eq!(reply["err"]["message"], r#"`sum` is not available: its service has stopped"#);
        seen.open(1);
        assert_eq!(peer.reply().await, r#"{"response":0,"isDisposed":true,"id":"held"}"#);
        peer.expect_end().await;
        idle.expect_end().await;
        drop((peer, idle));
    };
    let (report, ()) = soon("the end", async { tokio::join!(ended, told) }).await;
    assert!(report.drained && report.took < Duration::from_secs(5), "{report:?}");
    assert_eq!(report.unfinished_requests, 0);
    is_free(address).await;
}

#[actix::test]
async fn and_cuts_off_what_takes_longer() {
    let (node, seen) = started().await;
    let address = node.listening()[0];
    let (mut peer, mut deaf) = (Peer::to(&node).await, Peer::to(&node).await);
    peer.send(r#"{"pattern":"held","data":1,"id":"held"}"#).await;
    deaf.send(r#"{"pattern":"items","data":{"bytes":100000,"count":10000},"id":1}"#).await;
    until("both run", || seen.begun() == 1 && seen.items() > 0).await;
    let began = Instant::now();
    let report = node.shutdown(Duration::from_millis(200)).await;
    assert!(!report.drained && began.elapsed() < Duration::from_secs(5), "{report:?}");
    assert_eq!(seen.dropped(), 2);
    let reply = peer.json().await;
    assert_eq!(reply["err"]["message"], "`held` is not available: its service has stopped");
    peer.expect_end().await;
    soon("its end", async { while deaf.next().await.is_some() {} }).await;
    is_free(address).await;
}

#[actix::test]
async fn frames_that_were_read_are_answered_too() {
    let tcp = nestling::Tcp::port(0).max_in_flight(1);
    let (node, seen) = crate::support::started_with(tcp).await;
    let mut peer = Peer::to(&node).await;
    let mut bytes = frame(r#"{"pattern":"held","data":1,"id":1}"#);
    bytes.extend(frame(r#"{"pattern":"sum","data":[1],"id":2}"#));
    bytes.extend(frame(r#"{"pattern":"nobody's","data":1}"#));
    peer.write(bytes).await;
    until("it runs", || seen.begun() == 1).await;
    let ended = node.shutdown(Duration::from_millis(100));
    let told = async {
        for id in [1, 2] {
            let reply = peer.json().await;
            assert_eq!((&reply["id"], &reply["err"]["status"]), (&id.into(), &"error".into()), "{reply}");
        }
        peer.expect_end().await;
    };
    soon("the end", async { tokio::join!(ended, told) }).await;
}

#[actix::test]
async fn a_dropped_node_closes_its_sockets() {
    let (node, seen) = started().await;
    let address = node.listening()[0];
    let mut peer = Peer::to(&node).await;
    peer.send(r#"{"pattern":"held","data":1,"id":1}"#).await;
    until("it runs", || seen.begun() == 1).await;
    drop(node);
    while peer.next().await.is_some() {}
    until("the handler is dropped", || seen.dropped() == 1).await;
    soon("nobody is let in", async { while TcpStream::connect(address).await.is_ok() {} }).await;
    is_free(address).await;
}
