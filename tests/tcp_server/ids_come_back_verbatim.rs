//! An id is JSON of any kind, and comes back as it came. A request has one, be it `null`; an event has none.

use crate::support::{Peer, started};

const IDS: [&str; 14] = [
    r#""f77290193adca68c03180""#,
    r#""""#,
    "null",
    "0",
    "-0",
    "1.50",
    "1e21",
    "12345678901234567890123",
    "false",
    "true",
    r#"{"a" : [1, 2]}"#,
    "[ ]",
    r#""é😀\u00e9\ud83d\ude00\/""#,
    r#""tab\there""#,
];

#[actix::test]
async fn whatever_they_are() {
    let (_node, _) = started().await;
    let mut peer = Peer::to(&_node).await;
    for id in IDS {
        assert_eq!(
            peer.ask(&format!(r#"{{"pattern":"sum","data":[1],"id":{id}}}"#)).await,
            format!(r#"{{"response":1,"isDisposed":true,"id":{id}}}"#)
        );
        assert_eq!(
            peer.ask(&format!(r#"{{"id":{id},"pattern":"nobody's"}}"#)).await,
            format!(
                r#"{{"id":{id},"status":"error","err":"There is no matching message handler defined in the remote service."}}"#
            )
        );
    }
}

#[actix::test]
async fn several_with_one_id_are_each_answered() {
    let (node, _) = started().await;
    let mut peer = Peer::to(&node).await;
    for n in 0..3 {
        peer.send(&format!(r#"{{"pattern":"sum","data":[{n}],"id":"same"}}"#)).await;
    }
    let mut responses = Vec::new();
    for _ in 0..3 {
        responses.push(peer.json().await["response"].as_i64().unwrap());
    }
    assert_eq!(responses, [0, 1, 2]);
}

#[actix::test]
async fn without_one_nothing_comes_back() {
    let (node, seen) = started().await;
    let mut peer = Peer::to(&node).await;
    peer.send(r#"{"pattern":"held","data":1}"#).await;
    peer.send(r#"{"pattern":"nobody's","data":1}"#).await;
    peer.expect_well().await;
    assert_eq!(seen.begun(), 0, "an event is no request, whatever its pattern");
}
