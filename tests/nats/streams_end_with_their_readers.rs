//! A service is told that nobody reads its stream any more: by the node that read it, or by the server of NATS when
//! nobody listens.

use std::time::Duration;

use futures::{StreamExt, stream};
use nestling::prelude::*;
use serde_json::json;

use crate::nats_server::NatsServer;
use crate::support::{Never, caller, connected, raw, settled, soon, until};

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("ticks", item = u64, error = Never)]
struct Ticks;

struct Clock;
impl Actor for Clock {
    type Context = Context<Self>;
}
impl Supervised for Clock {}
impl Service for Clock {
    const NAME: &'static str = "clock";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.stream::<Ticks>();
    }
}
impl Handler<Ticks> for Clock {
    type Result = ResponseStream<u64, Never>;
    fn handle(&mut self, _: Ticks, _: &mut Context<Self>) -> Self::Result {
        let ticks = tokio::time::interval(Duration::from_millis(1));
        ResponseStream::new(stream::unfold((ticks, 0), async |(mut ticks, count)| {
            ticks.tick().await;
            Some((Ok(count), (ticks, count + 1)))
        }))
    }
}

async fn clock(server: &NatsServer) -> Node {
    let node = connected("clock", server).service(Clock).start().await.unwrap();
    settled(&node).await;
    node
}

fn running(node: &Node) -> u64 {
    node.stats().service("clock").unwrap().requests.in_flight
}

#[actix::test]
async fn a_reader_that_is_dropped() {
    let server = NatsServer::start();
    let (node, caller) = (clock(&server).await, caller(&server).await);
    let mut stays = caller.client().stream(Ticks);
    let mut goes = caller.client().stream(Ticks);
    for reader in [&mut stays, &mut goes] {
        assert_eq!(soon("an item", reader.next()).await, Some(Ok(0)));
    }
    assert_eq!(running(&node), 2);
    drop(goes);
    until("one has ended", || running(&node) == 1).await;
    assert_eq!(soon("the next item", stays.next()).await, Some(Ok(1)));
    // Of a stream that is sent as a message only the first item is wanted.
    assert_eq!(soon("an item", caller.client().send_json("ticks", ())).await, Ok(json!(0)));
    until("it has ended", || running(&node) == 1).await;
}

#[actix::test]
async fn a_node_that_is_gone() {
    let server = NatsServer::start();
    let (node, caller) = (clock(&server).await, caller(&server).await);
    let mut reader = caller.client().stream(Ticks);
    assert_eq!(soon("an item", reader.next()).await, Some(Ok(0)));
    drop(caller);
    until("it has ended", || running(&node) == 0).await;
}

/// NestJS's client has an inbox for each request, and no other word than to unsubscribe.
#[actix::test]
async fn a_client_that_unsubscribes() {
    let server = NatsServer::start();
    let (node, client) = (clock(&server).await, raw(&server).await);
    let inbox = client.new_inbox();
    let mut items = client.subscribe(inbox.clone()).await.unwrap();
    let request = json!({ "pattern": "ticks", "data": null, "id": "1" }).to_string();
    client.publish_with_reply("ticks", inbox, request.into()).await.unwrap();
    for _ in 0..3 {
        soon("an item", items.next()).await.unwrap();
    }
    assert_eq!(running(&node), 1);
    items.unsubscribe().await.unwrap();
    until("it has ended", || running(&node) == 0).await;
}

/// JetStream acknowledges what it keeps at the reply subject: that is not a reader that goes.
#[actix::test]
async fn a_stream_that_jetstream_keeps_runs_on() {
    let server = NatsServer::jetstream();
    let (node, client) = (clock(&server).await, raw(&server).await);
    let config = async_nats::jetstream::stream::Config {
        name: "RESULTS".to_owned(),
        subjects: vec!["results.>".to_owned()],
        ..Default::default()
    };
    let results = async_nats::jetstream::new(client.clone()).create_stream(config).await.unwrap();
    let request = json!({ "pattern": "ticks", "data": null, "id": "1" }).to_string();
    client.publish_with_reply("ticks", "results.job", request.into()).await.unwrap();
    soon("half a second of ticks", async {
        while results.get_info().await.unwrap().state.messages < 500 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(running(&node), 1);
}

#[actix::test]
async fn a_request_without_a_reply_subject() {
    let server = NatsServer::start();
    let (node, client) = (clock(&server).await, raw(&server).await);
    let request = json!({ "pattern": "ticks", "data": null, "id": "1" }).to_string();
    client.publish("ticks", request.into()).await.unwrap();
    let received = || node.stats().service("clock").unwrap().requests;
    until("it has begun and ended", || received().received == 1 && received().in_flight == 0).await;
}
