//! A stream whose reader has gone is not made any further.

use std::time::Duration;

use futures::{StreamExt, stream};
use nestling::prelude::*;
use nestling::{ResponseStream, Tcp, TcpClient};
use serde_json::json;
use tokio::sync::oneshot::{self, Receiver, error::TryRecvError};

use crate::nest::Nest;
use crate::relay::Relay;
use crate::typed::{Sum, Three};

const SOON: Duration = Duration::from_secs(30);

/// Numbers without an end.
#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("ticks", item = u32, error = RpcError)]
struct Ticks(String);

#[derive(Service)]
#[service("clock", streams(Ticks))]
struct Clock {
    /// Dropped with the stream.
    alive: Option<oneshot::Sender<()>>,
}

impl Handler<Ticks> for Clock {
    type Result = ResponseStream<u32, RpcError>;

    fn handle(&mut self, _: Ticks, _: &mut Context<Self>) -> Self::Result {
        let alive = self.alive.take();
        ResponseStream::new(stream::unfold((0, alive), async |(tick, alive)| {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok(tick), (tick + 1, alive)))
        }))
    }
}

/// A node with one stream to give, where it listens, and what ends with the stream.
async fn clock() -> (Node, String, Receiver<()>) {
    let (alive, dropped) = oneshot::channel();
    let clock = Clock { alive: Some(alive) };
    let node =
        Node::builder("streaming").service(clock).listen(Tcp::port(0)).start().await.expect("it starts");
    let address = node.listening()[0].to_string();
    (node, address, dropped)
}

/// NestJS's client says nothing when it has enough: its service learns it when the connection closes.
async fn nestjs_leaves_rust(nest: Nest) {
    let (node, address, mut dropped) = clock().await;
    let mut client = nest.client(&address);
    let taken = client.ask_one(json!({ "send": "ticks", "data": "x", "mode": "take:3" })).await;
    assert_eq!(taken, json!({ "values": [0, 1, 2], "end": "complete" }));
    assert_eq!(dropped.try_recv(), Err(TryRecvError::Empty), "it was dropped while it could be wanted");

    client.tell(&json!({ "close": true }));
    assert!(tokio::time::timeout(SOON, dropped).await.expect("it is dropped").is_err());
    node.shutdown(SOON).await;
}

async fn rust_leaves_rust() {
    let (node, address, dropped) = clock().await;
    let client = TcpClient::connect(address);
    let taken: Vec<_> = client.stream(Ticks("x".into())).take(3).collect().await;
    assert_eq!(taken, [Ok(0), Ok(1), Ok(2)]);
    assert!(tokio::time::timeout(SOON, dropped).await.expect("it is dropped").is_err());
    node.shutdown(SOON).await;
}

/// The connection of the stream is closed, which is how NestJS is told, and that of the calls is not.
async fn rust_leaves_nestjs(nest: Nest) {
    let (_service, address) = nest.service().await;
    let relay = Relay::to(address).await;
    let client = TcpClient::connect(&relay.address);
    assert_eq!(client.send(Sum(vec![1.0, 2.0])).await, Ok(3.0));

    let mut three = client.stream(Three("x".into()));
    assert_eq!(three.next().await, Some(Ok(1)));
    assert_eq!(relay.open(), 2);
    drop(three);
    assert_eq!(tokio::time::timeout(SOON, relay.shrink_to(1)).await, Ok(()));
    assert_eq!(client.send(Sum(vec![1.0, 2.0])).await, Ok(3.0));
    assert_eq!((relay.open(), relay.ever()), (1, 2));
}

async fn locally(test: impl Future<Output = ()>) {
    tokio::task::LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn by_nestjs_12_of_rust() {
    locally(nestjs_leaves_rust(Nest::V12)).await;
}

#[tokio::test]
async fn by_nestjs_11_of_rust() {
    locally(nestjs_leaves_rust(Nest::V11)).await;
}

#[tokio::test]
async fn by_rust_of_rust() {
    locally(rust_leaves_rust()).await;
}

#[tokio::test]
async fn by_rust_of_nestjs_12() {
    rust_leaves_nestjs(Nest::V12).await;
}

#[tokio::test]
async fn by_rust_of_nestjs_11() {
    rust_leaves_nestjs(Nest::V11).await;
}
