//! Peers that know NestJS's packets and nothing of this crate: what they send is understood, and what they get is to the
//! letter what NestJS would send.

use std::time::Duration;

use async_nats::Client;
use futures::StreamExt;
use serde_json::{Value, json};

use crate::nats_server::NatsServer;
use crate::support::{Created, Double, Numbers, caller, desk, letters, raw, settled, soon, until};

/// What comes back for a body, until nothing more does.
async fn ask(client: &Client, subject: &str, body: &str) -> Vec<String> {
    let inbox = client.new_inbox();
    let mut replies = client.subscribe(inbox.clone()).await.unwrap();
    client.publish_with_reply(subject.to_owned(), inbox, body.to_owned().into()).await.unwrap();
    let mut all = Vec::new();
    loop {
        let next = soon("a reply", replies.next()).await.unwrap();
        let text = String::from_utf8(next.payload.to_vec()).unwrap();
        let ended = text.contains("isDisposed") || text.contains("\"status\"") || text.is_empty();
        all.push(text);
        if ended {
            return all;
        }
    }
}

#[actix::test]
async fn requests_are_answered_to_the_letter() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let client = raw(&server).await;
    let cases = [
        (
            r#"{"cmd":"double"}"#,
            r#"{"pattern":{"cmd":"double"},"data":4,"id":"i1"}"#,
            r#"{"response":8,"isDisposed":true,"id":"i1"}"#,
        ),
        // Whatever the pattern says, and whatever the id is.
        (
            "double.alias",
            r#"{"pattern":"wrong","data":4,"id":{"a":[1.0]}}"#,
            r#"{"response":8,"isDisposed":true,"id":{"a":[1.0]}}"#,
        ),
        ("double.alias", r#"{"data":4,"id":null}"#, r#"{"response":8,"isDisposed":true,"id":null}"#),
        (
            r#"{"cmd":"double"}"#,
            r#"{"pattern":{"cmd":"double"},"data":200,"id":0}"#,
            r#"{"err":{"most":100},"isDisposed":true,"id":0}"#,
        ),
        (
            "panics",
            r#"{"pattern":"panics","data":null,"id":"p"}"#,
            r#"{"err":{"status":"error","message":"the handler of `panics` panicked"},"isDisposed":true,"id":"p"}"#,
        ),
    ];
    for (subject, body, reply) in cases {
        assert_eq!(ask(&client, subject, body).await, [reply], "{body}");
    }
    let replies = ask(&client, "numbers", r#"{"pattern":"numbers","data":2,"id":"s"}"#).await;
    // NestJS sends the end with the last item where it is known by then, and else after it.
    let together = [r#"{"response":1,"id":"s"}"#, r#"{"response":2,"isDisposed":true,"id":"s"}"#];
    let apart =
        [r#"{"response":1,"id":"s"}"#, r#"{"response":2,"id":"s"}"#, r#"{"isDisposed":true,"id":"s"}"#];
    assert!(replies == together || replies == apart, "{replies:?}");
    let garbage = ask(&client, "double.alias", "no json").await;
    assert!(garbage[0].starts_with(r#"{"err":{"status":"error","message":"#), "{garbage:?}");
}

#[actix::test]
async fn an_id_without_a_reply_subject_runs_and_is_answered_nowhere() {
    let server = NatsServer::start();
    let (node, _) = desk("shop", &server).await;
    let client = raw(&server).await;
    client.publish("double.alias", r#"{"pattern":"x","data":4,"id":"i"}"#.into()).await.unwrap();
    // No id is an event, also where a reply is waited for.
    let silent = client.request("double.alias", r#"{"pattern":"double.alias","data":4}"#.into());
    assert!(tokio::time::timeout(Duration::from_millis(50), silent).await.is_err());
    client.flush().await.unwrap();
    until("it ran", || node.stats().service("desk").unwrap().requests.answered == 1).await;
    assert_eq!(node.stats().service("desk").unwrap().requests.received, 1);
}

#[actix::test]
async fn events_of_nestjs_and_of_anybody() {
    let server = NatsServer::start();
    let (node, seen) = desk("shop", &server).await;
    let client = raw(&server).await;
    for body in [r#"{"pattern":"order.created","data":1}"#, r#"{"pattern":{"x":1},"data":2}"#, "3"] {
        client.publish("order.created", body.into()).await.unwrap();
    }
    let mut headers = async_nats::HeaderMap::new();
    for (name, value) in
        [("ce-specversion", "1.0"), ("ce-id", "A%201"), ("ce-source", "/x"), ("ce-type", "t")]
    {
        headers.insert(name, value);
    }
    client.publish_with_headers("order.paid", headers, r#"{"order":4}"#.into()).await.unwrap();
    client.flush().await.unwrap();
    until("they came", || seen.len() >= 4).await;
    let mut lines = seen.lines();
    lines.sort();
    assert_eq!(lines, ["created 1", "created 2", "created 3", "paid 4 id A 1"]);
    assert!(node.stats().balances());
}

#[actix::test]
async fn what_is_no_json_is_a_dead_letter_with_its_text() {
    let server = NatsServer::start();
    let (node, seen) = desk("shop", &server).await;
    let client = raw(&server).await;
    client.publish("order.created", "plain text".into()).await.unwrap();
    client
        .publish("order.created", r#"{"pattern":"order.created","data":"no number"}"#.into())
        .await
        .unwrap();
    client.publish("order.created", "7".into()).await.unwrap();
    client.flush().await.unwrap();
    until("the last came", || seen.len() == 1).await;
    until("both are dead letters", || node.stats().total().dead_lettered == 2).await;
    let mut letters = letters(&node).await;
    letters.sort_by_key(|letter| letter.payload.get().to_owned());
    let found: Vec<_> =
        letters.iter().map(|it| (it.reason.as_str(), it.service.as_str(), it.payload.get())).collect();
    assert_eq!(found, [("decode", "desk", "\"no number\""), ("decode", "desk", "\"plain text\"")]);
    assert!(node.stats().balances());
}

#[actix::test]
async fn a_nestjs_service_is_called() {
    let server = NatsServer::start();
    let client = raw(&server).await;
    let mut requests = client.queue_subscribe(r#"{"cmd":"double"}"#, "nest".to_owned()).await.unwrap();
    let mut streams = client.subscribe("numbers").await.unwrap();
    client.flush().await.unwrap();
    let answering = client.clone();
    actix::spawn(async move {
        while let Some(request) = requests.next().await {
            let packet: Value = serde_json::from_slice(&request.payload).unwrap();
            assert_eq!(packet["pattern"], json!({ "cmd": "double" }));
            let id = &packet["id"];
            let reply = match packet["data"].as_u64().unwrap() {
                1 => json!({ "err": { "most": 7 }, "isDisposed": true, "id": id }),
                2 => {
                    json!({ "id": id, "status": "error", "err": "There is no matching message handler defined in the remote service." })
                }
                3 => json!({ "response": 99, "isDisposed": true }),
                4 => json!(5),
                n => {
                    // Another's, which is passed over.
                    let other = json!({ "response": 1, "isDisposed": true, "id": "other" });
                    answering
                        .publish(request.reply.clone().unwrap(), other.to_string().into())
                        .await
                        .unwrap();
                    json!({ "response": n, "isDisposed": true, "id": id })
                }
            };
            answering.publish(request.reply.unwrap(), reply.to_string().into()).await.unwrap();
        }
    });
    let streaming = client.clone();
    actix::spawn(async move {
        while let Some(request) = streams.next().await {
            let packet: Value = serde_json::from_slice(&request.payload).unwrap();
            let id = &packet["id"];
            for reply in [
                json!({ "response": 1, "id": id }),
                json!({ "response": 2, "id": id }),
                json!({ "response": 3, "isDisposed": true, "id": id }),
            ] {
                streaming.publish(request.reply.clone().unwrap(), reply.to_string().into()).await.unwrap();
            }
        }
    });
    let caller = caller(&server).await;
    let send = |n| soon("an answer", caller.client().send(Double(n)));
    assert_eq!(send(50).await, Ok(50));
    assert_eq!(send(1).await.unwrap_err().to_string(), "no more than 7");
    assert!(send(2).await.unwrap_err().to_string().contains("no service"), "no handler");
    assert_eq!(send(3).await, Ok(99));
    // What is no reply is the value, as NestJS's client has it.
    assert_eq!(send(4).await, Ok(5));
    let items: Vec<_> = soon("a stream", caller.client().stream(Numbers(3)).collect()).await;
    assert_eq!(items, [Ok(1), Ok(2), Ok(3)]);
}

#[actix::test]
async fn an_event_is_nestjss_packet_with_headers() {
    let server = NatsServer::start();
    let client = raw(&server).await;
    let mut events = client.subscribe("order.created").await.unwrap();
    client.flush().await.unwrap();
    let caller = caller(&server).await;
    caller.client().header("tenant", "acme").emit(Created(17));
    settled(&caller).await;
    let event = soon("it", events.next()).await.unwrap();
    assert_eq!(&event.payload[..], br#"{"pattern":"order.created","data":17}"#);
    let headers = event.headers.unwrap();
    let header = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    assert_eq!(header("tenant").as_deref(), Some("acme"));
    assert_eq!(header("ce-specversion").as_deref(), Some("1.0"));
    assert_eq!(header("ce-source").as_deref(), Some("/nestling/caller"));
    assert_eq!(header("ce-type").as_deref(), Some("order.created"));
    assert_eq!(header("ce-id"), header("x-message-id"));
}
