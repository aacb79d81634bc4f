//! A stream whose reader has gone is not made any further.

use std::time::Duration;

use futures::stream;
use nestling::prelude::*;
use nestling::{ResponseStream, Tcp};
use serde_json::json;
use tokio::sync::oneshot;

use crate::nest::Nest;

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

/// NestJS's client says nothing when it has enough: its service learns it when the connection closes.
async fn nestjs_leaves_rust(nest: Nest) {
    tokio::task::LocalSet::new()
        .run_until(async {
            let (alive, mut dropped) = oneshot::channel();
            let node = Node::builder("streaming")
                .service(Clock { alive: Some(alive) })
                .listen(Tcp::port(0))
                .start()
                .await
                .unwrap();
            let mut client = nest.client(&node.listening()[0].to_string());
            let ticks = json!({ "send": "ticks", "data": "x", "mode": "take:3" });
            let taken = client.ask_one(ticks).await;
            assert_eq!(taken, json!({ "values": [0, 1, 2], "end": "complete" }));
            assert_eq!(dropped.try_recv(), Err(oneshot::error::TryRecvError::Empty), "it is still wanted");

            client.tell(&json!({ "close": true }));
            let gone = tokio::time::timeout(Duration::from_secs(30), dropped).await;
            assert!(gone.expect("the stream is dropped").is_err());
            node.shutdown(Duration::from_secs(5)).await;
        })
        .await;
}

#[tokio::test]
async fn by_nestjs_12() {
    nestjs_leaves_rust(Nest::V12).await;
}

#[tokio::test]
async fn by_nestjs_11() {
    nestjs_leaves_rust(Nest::V11).await;
}
