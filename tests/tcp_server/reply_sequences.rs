//! Each sequence of replies that a handler in Rust can make.

use futures::{StreamExt, stream};
use nestling::prelude::*;
use nestling::{RpcError, Tcp};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::support::{Never, Peer, node};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("value", response = Value, error = RpcError)]
#[serde(transparent)]
struct Same(Value);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("unit", response = (), error = Never)]
struct Unit;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("option", response = Option<u32>, error = Never)]
struct Maybe(Option<u32>);

/// What a stream is to do, told by its name.
#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("stream", item = OrUndefined<Value>, error = RpcError)]
struct Sequence(String);

#[derive(Service)]
#[service("sequences", messages(Same, Unit, Maybe), streams(Sequence))]
struct Sequences;

impl Handler<Same> for Sequences {
    type Result = Result<Value, RpcError>;
    fn handle(&mut self, Same(value): Same, _: &mut Context<Self>) -> Self::Result {
        if value == json!("throw") { Err(RpcError::json(json!(["a", "b"]))) } else { Ok(value) }
    }
}

impl Handler<Unit> for Sequences {
    type Result = Result<(), Never>;
    fn handle(&mut self, _: Unit, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

impl Handler<Maybe> for Sequences {
    type Result = Result<Option<u32>, Never>;
    fn handle(&mut self, Maybe(number): Maybe, _: &mut Context<Self>) -> Self::Result {
        Ok(number)
    }
}

impl Handler<Sequence> for Sequences {
    type Result = ResponseStream<OrUndefined<Value>, RpcError>;
    fn handle(&mut self, Sequence(what): Sequence, _: &mut Context<Self>) -> Self::Result {
        let three = || stream::iter([1, 2, 3]).map(|n| Ok(OrUndefined::Value(json!(n))));
        match what.as_str() {
            "sync" => ResponseStream::new(three()),
            "late end" => {
                let (sender, receiver) = oneshot::channel::<()>();
                // Its end comes when the reader has had its items, and the actor a turn or two.
                actix::spawn(async move {
                    for _ in 0..100 {
                        tokio::task::yield_now().await;
                    }
                    drop(sender);
                });
                ResponseStream::new(three().chain(stream::once(receiver).filter_map(async |_| None)))
            }
            "one" => ResponseStream::of([OrUndefined::Value(json!("only"))]),
            "empty" => ResponseStream::empty(),
            "undefined" => ResponseStream::of([OrUndefined::Undefined, OrUndefined::Value(json!(2))]),
            "value, error" => ResponseStream::new(stream::iter([
                Ok(OrUndefined::Value(json!(1))),
                Err(RpcError::new("mid")),
            ])),
            _ => ResponseStream::failed(RpcError::new("first")),
        }
    }
}

async fn peer() -> (Node, Peer) {
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Sequences).start().await.unwrap();
    let peer = Peer::to(&node).await;
    (node, peer)
}

async fn check(peer: &mut Peer, pattern: &str, data: &str, replies: &[&str]) {
    peer.send(&format!(r#"{{"pattern":"{pattern}","data":{data},"id":"I"}}"#)).await;
    for expected in replies {
        assert_eq!(peer.reply().await, *expected, "{pattern} {data}");
    }
    // Nothing comes after the last.
    peer.expect_well().await;
}

#[actix::test]
async fn of_messages() {
    let (_node, mut peer) = peer().await;
    for value in ["7", "null", "0", r#""""#, "false", r#"{"a":[1]}"#] {
        check(&mut peer, "value", value, &[&format!(r#"{{"response":{value},"isDisposed":true,"id":"I"}}"#)])
            .await;
    }
    check(&mut peer, "value", r#""throw""#, &[r#"{"err":["a","b"],"isDisposed":true,"id":"I"}"#]).await;
    check(&mut peer, "unit", "null", &[r#"{"isDisposed":true,"id":"I"}"#]).await;
    check(&mut peer, "option", "null", &[r#"{"response":null,"isDisposed":true,"id":"I"}"#]).await;
    check(&mut peer, "option", "3", &[r#"{"response":3,"isDisposed":true,"id":"I"}"#]).await;
}

#[actix::test]
async fn without_data() {
    let (_node, mut peer) = peer().await;
    for (pattern, reply) in [
        ("echo", r#"{"isDisposed":true,"id":"I"}"#),
        ("unit", r#"{"isDisposed":true,"id":"I"}"#),
        ("option", r#"{"response":null,"isDisposed":true,"id":"I"}"#),
    ] {
        assert_eq!(peer.ask(&format!(r#"{{"pattern":"{pattern}","id":"I"}}"#)).await, reply);
    }
    assert_eq!(
        peer.ask(r#"{"pattern":"echo","data":null,"id":"I"}"#).await,
        r#"{"response":null,"isDisposed":true,"id":"I"}"#
    );
}

#[actix::test]
async fn of_streams() {
    let (_node, mut peer) = peer().await;
    let (one, two, end) =
        (r#"{"response":1,"id":"I"}"#, r#"{"response":2,"id":"I"}"#, r#"{"isDisposed":true,"id":"I"}"#);
    let last = r#"{"response":3,"isDisposed":true,"id":"I"}"#;
    check(&mut peer, "stream", r#""sync""#, &[one, two, last]).await;
    check(&mut peer, "stream", r#""late end""#, &[one, two, r#"{"response":3,"id":"I"}"#, end]).await;
    check(&mut peer, "stream", r#""one""#, &[r#"{"response":"only","isDisposed":true,"id":"I"}"#]).await;
    check(&mut peer, "stream", r#""empty""#, &[end]).await;
    let two_last = r#"{"response":2,"isDisposed":true,"id":"I"}"#;
    check(&mut peer, "stream", r#""undefined""#, &[r#"{"id":"I"}"#, two_last]).await;
    let mid = r#"{"err":{"status":"error","message":"mid"},"isDisposed":true,"id":"I"}"#;
    check(&mut peer, "stream", r#""value, error""#, &[one, mid]).await;
    let first = r#"{"err":{"status":"error","message":"first"},"isDisposed":true,"id":"I"}"#;
    check(&mut peer, "stream", r#""error""#, &[first]).await;
}

#[actix::test]
async fn a_long_stream_does_not_hold_up_a_short_one() {
    let (_node, mut peer) = peer().await;
    peer.send(r#"{"pattern":"items","data":{"bytes":10,"count":100000},"id":"long"}"#).await;
    peer.send(r#"{"pattern":"stream","data":"sync","id":"short"}"#).await;
    let mut between = 0;
    loop {
        let reply = peer.json().await;
        if reply["id"] == "short" && reply["isDisposed"] == true {
            break;
        }
        between += 1;
    }
    assert!(between < 1_000, "{between} replies came first");
}
