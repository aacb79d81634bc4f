//! NATS's own tools see each service of a node, what it serves, and how that is going (ADR-32).

use futures::StreamExt;
use nestling::prelude::*;
use serde_json::{Value, json};

use crate::nats_server::NatsServer;
use crate::support::{Desk, Double, Panics, Seen, caller, connected, raw, settled, soon};

/// The first answer to a question.
pub(crate) async fn ask(client: &async_nats::Client, subject: &str) -> Value {
    let reply = soon("an answer", client.request(subject.to_owned(), "".into())).await.unwrap();
    serde_json::from_slice(&reply.payload).unwrap()
}

#[actix::test]
async fn every_instance_answers_and_each_by_its_id() {
    let server = NatsServer::start();
    let start = || async { connected("shop", &server).service(Desk(Seen::default())).start().await.unwrap() };
    let nodes = [start().await, start().await];
    for node in &nodes {
        settled(node).await;
    }
    let client = raw(&server).await;
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.unwrap();
    client.publish_with_reply("$SRV.PING", inbox, "".into()).await.unwrap();
    let mut ids = Vec::new();
    for _ in &nodes {
        let answer = soon("each answers", answers.next()).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(answer["name"], "shop-desk");
        assert_eq!(answer["metadata"], json!({ "nestling.node": "shop", "nestling.service": "desk" }));
        ids.push(answer["id"].as_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let info = ask(&client, &format!("$SRV.INFO.shop-desk.{id}")).await;
        assert_eq!(info["id"], id);
        let endpoints = info["endpoints"].as_array().unwrap();
        let of = |subject: &str| endpoints.iter().find(|endpoint| endpoint["subject"] == subject);
        assert_eq!(of("numbers").unwrap()["name"], "numbers");
        assert_eq!(of("numbers").unwrap()["queue_group"], "shop.desk");
        assert!(of(r#"{"cmd":"double"}"#).is_some() && of("double.alias").is_some());
        assert!(of("secret").is_none(), "what is internal is nobody's business");
    }
}

#[actix::test]
async fn what_is_asked_is_counted_and_what_panics_too() {
    let server = NatsServer::start();
    let node = connected("shop", &server).service(Desk(Seen::default())).start().await.unwrap();
    settled(&node).await;
    let caller = caller(&server).await;
    for n in 0..10 {
        assert_eq!(soon("it", caller.client().send(Double(n))).await, Ok(2 * n));
    }
    soon("an error", caller.client().send(Double(101))).await.unwrap_err();
    soon("a panic", caller.client().send(Panics)).await.unwrap_err();
    soon("a misfit", caller.client().send_json(json!({ "cmd": "double" }), "x")).await.unwrap_err();
    let stats = ask(&raw(&server).await, "$SRV.STATS.shop-desk").await;
    let endpoint = |subject: &str| {
        let endpoints = stats["endpoints"].as_array().unwrap();
        endpoints.iter().find(|endpoint| endpoint["subject"] == subject).unwrap().clone()
    };
    let double = endpoint(r#"{"cmd":"double"}"#);
    assert_eq!((&double["num_requests"], &double["num_errors"]), (&json!(12), &json!(2)));
    assert!(double["last_error"].as_str().unwrap().contains("does not fit"), "{double}");
    let (total, average) =
        (double["processing_time"].as_u64().unwrap(), double["average_processing_time"].as_u64().unwrap());
    assert!(total > 0 && average == total / 12, "{double}");
    let panics = endpoint("panics");
    assert_eq!((&panics["num_requests"], &panics["num_errors"]), (&json!(1), &json!(1)));
    assert_eq!(panics["last_error"], "the handler of `panics` panicked");
}

#[actix::test]
async fn a_node_may_stay_unknown() {
    let server = NatsServer::start();
    let nats = nestling::Nats::url(server.url()).without_discovery();
    let node = Node::builder("shop").connect(nats).service(Desk(Seen::default())).start().await.unwrap();
    settled(&node).await;
    let error = raw(&server).await.request("$SRV.PING", "".into()).await.unwrap_err();
    assert_eq!(error.kind(), async_nats::RequestErrorKind::NoResponders);
}
