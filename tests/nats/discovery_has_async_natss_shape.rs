//! What a service says of itself has the shape of what async-nats's own services say.

use async_nats::service::ServiceExt;
use serde_json::{Value, json};

use crate::discovery::ask;
use crate::nats_server::NatsServer;
use crate::support::{Desk, Seen, connected, raw, settled};

/// Names and kinds of values, and not the values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let shapes = entries.iter().filter(|(key, _)| *key != "metadata" && *key != "data");
            shapes.map(|(key, value)| (key.clone(), shape(value))).collect()
        }
        Value::Array(items) => items.first().map(shape).into_iter().collect(),
        Value::String(_) | Value::Null => json!("text"),
        Value::Number(_) => json!(0),
        Value::Bool(_) => json!(false),
    }
}

#[actix::test]
async fn answers_have_the_shape_of_async_natss() {
    let server = NatsServer::start();
    let node =
        connected("shop", &server).version("1.2.3").service(Desk(Seen::default())).start().await.unwrap();
    let client = raw(&server).await;
    let reference = client.service_builder().start("reference", "1.0.0").await.unwrap();
    let _endpoint = reference.endpoint("double").await.unwrap();
    settled(&node).await;
    for (verb, kind) in [
        ("PING", "io.nats.micro.v1.ping_response"),
        ("INFO", "io.nats.micro.v1.info_response"),
        ("STATS", "io.nats.micro.v1.stats_response"),
    ] {
        let ours = ask(&client, &format!("$SRV.{verb}.shop-desk")).await;
        let theirs = ask(&client, &format!("$SRV.{verb}.reference")).await;
        assert_eq!(
            (&ours["type"], &ours["name"], &ours["version"]),
            (&json!(kind), &json!("shop-desk"), &json!("1.2.3"))
        );
        let (mut ours, mut theirs) = (shape(&ours), shape(&theirs));
        // What async-nats adds, or leaves out, to what the protocol asks for.
        for answer in [&mut ours, &mut theirs] {
            for endpoint in answer["endpoints"].as_array_mut().into_iter().flatten() {
                let endpoint = endpoint.as_object_mut().unwrap();
                endpoint.remove("type");
                endpoint.entry("last_error").or_insert(json!("text"));
                endpoint.entry("queue_group").or_insert(json!("text"));
            }
            answer.as_object_mut().unwrap().entry("description").or_insert(json!("text"));
        }
        assert_eq!(ours, theirs, "{verb}");
    }
}
