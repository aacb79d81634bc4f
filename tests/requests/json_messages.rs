//! `send_json`: patterns and payloads that are known only at run time, under whatever spelling of the pattern.

use nestling::prelude::*;
use serde_json::{Value, json};

use crate::support::Refused;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern({ "cmd": "sum", "v": 2 }, alias = "sum", alias = 42, response = Sum, error = Refused)]
struct Add {
    parts: Vec<Part>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Part {
    value: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sum {
    sum: u32,
}

#[derive(Service)]
#[service("sums", messages(Delivery<Add>))]
struct Sums;

impl Handler<Delivery<Add>> for Sums {
    type Result = ResponseFuture<Result<Sum, Refused>>;
    fn handle(&mut self, add: Delivery<Add>, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let sum = add.parts.iter().map(|part| part.value).sum();
            if sum == 13 { Err(Refused(13)) } else { Ok(Sum { sum }) }
        })
    }
}

fn parts(values: &[u32]) -> Value {
    json!({ "parts": values.iter().map(|value| json!({ "value": value })).collect::<Vec<_>>() })
}

#[actix::test]
async fn any_spelling_of_a_pattern_and_any_alias_reach_the_handler() {
    let node = Node::builder("test").service(Sums).start().await.unwrap();
    let client = node.client();
    for pattern in [
        json!({ "v": 2, "cmd": "sum" }),
        json!({ "cmd": "sum", "v": 2.0 }),
        json!(r#"{"cmd":"sum","v":2}"#),
        json!("sum"),
        json!(42),
        json!("42"),
    ] {
        let answer = client.send_json(pattern.clone(), parts(&[1, 2])).await;
        assert_eq!(answer, Ok(json!({ "sum": 3 })), "{pattern}");
    }
    let refused = client.send_json("sum", parts(&[13])).await;
    assert_eq!(refused, Err(RequestError::Handler(json!(13))), "the service's own error, as JSON");
}

#[actix::test]
async fn what_does_not_fit_names_the_field() {
    let node = Node::builder("test").service(Sums).start().await.unwrap();
    let client = node.client();
    for (payload, named) in [
        (json!({ "parts": [{ "value": 1 }, { "value": "two" }] }), "parts[1].value: invalid type"),
        (json!({ "parts": [{}] }), "parts[0]: missing field `value`"),
        (json!({}), "missing field `parts`"),
        (json!(7), "invalid type: integer `7`"),
    ] {
        let error = client.send_json("sum", payload.clone()).await.unwrap_err();
        let RequestError::Decode { pattern, message } = error else { panic!("{payload}: {error:?}") };
        assert_eq!(pattern, "sum");
        assert!(message.contains(named), "{payload}: {message}");
    }
    assert_eq!(node.stats().services[0].requests.received, 0, "none of them reached the service");
}

#[actix::test]
async fn its_timeouts_are_those_of_any_request() {
    let node = Node::builder("test").service(Sums).start().await.unwrap();
    let mut waiting = node.client().send_json("sum", parts(&[1])).timeout(Duration::from_secs(5));
    assert!(futures::poll!(&mut waiting).is_pending());
    drop(waiting);
    assert_eq!(node.client().send_json("sum", parts(&[1])).await, Ok(json!({ "sum": 1 })));
    assert_eq!(node.stats().services[0].requests.unanswered, 1);
}
