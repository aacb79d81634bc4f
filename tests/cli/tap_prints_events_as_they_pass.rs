//! `tap` prints each event in a line when it passes, and takes it from nobody.

use async_nats::HeaderMap;
use serde_json::json;

use crate::nats_server::NatsServer;
use crate::nats_support::{client, settled};
use crate::tapping::Tapping;

const ID: &str = "0198c5a2-7d1e-7cc3-98c4-dc0c0c07398f";

#[actix::test]
async fn lines_for_people_are_aligned() {
    let server = NatsServer::start();
    let tapping = Tapping::begin(&["tap", &server.url(), "order.>", "--count", "3"]);
    let client = client(&server).await;
    let mut headers = HeaderMap::new();
    headers.insert("ce-id", ID);
    headers.insert("x-message-id", "another");
    let created = r#"{"pattern":"order.created","data":{"order_id":7}}"#;
    client.publish_with_headers("order.created", headers, created.into()).await.unwrap();
    client.publish("other.created", created.into()).await.unwrap();
    client
        .publish("order.paid", "{\"pattern\":\"order.paid\",\n\"data\":\"a \\u001b[31m\"}".into())
        .await
        .unwrap();
    client.publish("order.gone", r#"{"pattern":"order.gone"}"#.into()).await.unwrap();
    settled(&client).await;
    let run = tapping.end().expect(0);
    let lines: Vec<_> = run.stdout.lines().map(|line| line.split_at(12)).collect();
    let shown = [
        format!("  order.created  {ID}  {{\"order_id\":7}}"),
        format!("  order.paid     {:36}  \"a \\u001b[31m\"", "-"),
        "  order.gone     -".to_owned(),
    ];
    assert_eq!(lines.iter().map(|(_, rest)| *rest).collect::<Vec<_>>(), shown);
    for (time, _) in lines {
        let parts = time.split([':', '.']).map(|part| part.parse::<u32>().is_ok()).collect::<Vec<_>>();
        assert_eq!(parts, [true; 4], "{time}");
    }
}

#[actix::test]
async fn lines_for_machines_have_all() {
    let server = NatsServer::start();
    let tapping = Tapping::begin(&["tap", &server.url(), "order.*", "--json", "--count", "4"]);
    let client = client(&server).await;
    let mut headers = HeaderMap::new();
    headers.insert("x-message-id", "m-1");
    headers.append("tag", "a");
    headers.append("tag", "b");
    let publish = async |body: &'static str| client.publish("order.x", body.into()).await.unwrap();
    client
        .publish_with_headers("order.x", headers, r#"{"pattern":"order.x","data":1.50}"#.into())
        .await
        .unwrap();
    publish(r#"{"pattern":"stripes","size":3}"#).await;
    publish("not JSON").await;
    publish("").await;
    settled(&client).await;
    let run = tapping.end().expect(0);
    assert!(run.stdout.contains(r#""data":1.50,"#), "{}", run.stdout);
    let lines = run.json_lines();
    let expected = [
        (json!("m-1"), json!(1.5), json!({ "x-message-id": "m-1", "tag": "a, b" })),
        (json!(null), json!({ "pattern": "stripes", "size": 3 }), json!({})),
        (json!(null), json!("not JSON"), json!({})),
        (json!(null), json!(null), json!({})),
    ];
    for (line, (id, data, headers)) in lines.iter().zip(&expected) {
        assert_eq!((&line["id"], &line["data"], &line["headers"]), (id, data, headers));
        assert_eq!(line["subject"], "order.x");
        let time = line["time"].as_str().expect("a time");
        assert!(time.ends_with('Z') && time.contains('T') && time.len() == 24, "{time}");
    }
    assert!(lines[3].get("data").is_none(), "no body is no data");
}

#[actix::test]
async fn requests_are_shown_if_asked_for() {
    let server = NatsServer::start();
    let events = Tapping::begin(&["tap", &server.url(), ">", "--count", "1"]);
    let all = Tapping::begin(&["tap", &server.url(), ">", "--count", "2", "--requests", "--json"]);
    let client = client(&server).await;
    let request = r#"{"pattern":"sum","data":[1,2],"id":"r-1"}"#;
    client.publish_with_reply("sum", "_INBOX.a.1", request.into()).await.unwrap();
    client.publish("_INBOX.a.1", r#"{"response":3,"isDisposed":true,"id":"r-1"}"#.into()).await.unwrap();
    client.publish("tick", r#"{"pattern":"tick","data":1}"#.into()).await.unwrap();
    settled(&client).await;
    let events = events.end().expect(0).stdout;
    assert!(events.lines().count() == 1 && events.contains("tick"), "{events}");
    let all = all.end().expect(0).json_lines();
    let of = |name: &str| all.iter().map(|line| line[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("subject"), ["sum", "tick"]);
    assert_eq!((of("id"), of("request")), (vec![json!("r-1"), json!(null)], vec![json!(true), json!(null)]));
}
