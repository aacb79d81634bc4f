//! `stream_json` and `send_json` reach streams and messages alike, and what they bring is validated.

use nestling::prelude::*;
use serde_json::{Value, json};

use crate::support::{Refused, StreamExt};

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern(cmd = "prices", item = Price, error = Refused, validate = names_something)]
struct Prices {
    symbol: String,
    #[serde(default)]
    days: u32,
}

fn names_something(prices: &Prices) -> Result<(), String> {
    match prices.symbol.as_str() {
        "" => Err("`symbol` is empty".to_owned()),
        "panic" => panic!("no such symbol"),
        _ => Ok(()),
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Price {
    cents: u32,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "price", response = Option<u32>, error = Refused)]
struct LastPrice;

#[derive(Service)]
#[service("exchange", messages(LastPrice), streams(Prices))]
struct Exchange;

impl Handler<Prices> for Exchange {
    type Result = ResponseStream<Price, Refused>;
    fn handle(&mut self, prices: Prices, _: &mut Context<Self>) -> Self::Result {
        let items = (0..prices.days).map(|cents| Ok(Price { cents }));
        let end = (prices.symbol == "ends badly").then_some(Err(Refused(7)));
        ResponseStream::new(futures::stream::iter(items.chain(end)))
    }
}

impl Handler<LastPrice> for Exchange {
    type Result = Result<Option<u32>, Refused>;
    fn handle(&mut self, _: LastPrice, _: &mut Context<Self>) -> Self::Result {
        Ok(None)
    }
}

type Read = Vec<Result<Value, RequestError<Value>>>;

async fn read(node: &Node, pattern: Value, payload: Value) -> Read {
    node.client().stream_json(pattern, payload).collect().await
}

fn prices() -> Value {
    json!({ "cmd": "prices" })
}

#[actix::test]
async fn a_stream_has_its_items_and_a_message_has_one() {
    let node = Node::builder("test").service(Exchange).start().await.unwrap();
    let all = read(&node, prices(), json!({ "symbol": "ACME", "days": 3 })).await;
    assert_eq!(all, (0..3).map(|n| Ok(json!({ "cents": n }))).collect::<Read>());
    assert_eq!(read(&node, prices(), json!({ "symbol": "ACME" })).await, []);
    let badly = read(&node, prices(), json!({ "symbol": "ends badly", "days": 1 })).await;
    assert_eq!(badly, [Ok(json!({ "cents": 0 })), Err(RequestError::Handler(json!(7)))]);
    assert_eq!(read(&node, json!({ "cmd": "price" }), Value::Null).await, [Ok(Value::Null)]);
}

#[actix::test]
async fn of_a_stream_a_message_gets_the_first_value() {
    let node = Node::builder("test").service(Exchange).start().await.unwrap();
    let client = node.client();
    let first = client.send_json(prices(), json!({ "symbol": "ACME", "days": 1_000 })).await;
    assert_eq!(first, Ok(json!({ "cents": 0 })));
    crate::support::until(|| crate::support::in_flight(&node) == 0).await;
    let first = client.send_json(prices(), json!({ "symbol": "ends badly" })).await;
    assert_eq!(first, Err(RequestError::Handler(json!(7))));
}

#[actix::test]
async fn what_comes_is_validated() {
    let node = Node::builder("test").service(Exchange).start().await.unwrap();
    let refusal = async |pattern: Value, payload: Value| {
        let mut read = read(&node, pattern, payload).await;
        assert_eq!(read.len(), 1, "{read:?}");
        read.pop().unwrap().unwrap_err()
    };
    let pattern = r#"{"cmd":"prices"}"#.to_owned();
    let message = "`symbol` is empty".to_owned();
    let empty = refusal(prices(), json!({ "symbol": "" })).await;
    assert_eq!(empty, RequestError::Invalid { pattern, message });
    let RequestError::Decode { message, .. } = refusal(prices(), json!({ "symbol": 1 })).await else {
        panic!()
    };
    assert!(message.contains("symbol: invalid type: integer `1`"), "{message}");
    let panicked = refusal(prices(), json!({ "symbol": "panic" })).await;
    let RequestError::Decode { message, .. } = panicked else { panic!("{panicked:?}") };
    assert_eq!(message, "`validate` panicked: no such symbol", "it harms nobody else");
    let none = refusal(json!("no.such"), Value::Null).await;
    assert_eq!(none, RequestError::NoHandler { pattern: "no.such".to_owned() });
    let none = refusal(json!("white space"), Value::Null).await;
    assert!(matches!(none, RequestError::Invalid { .. }), "{none:?}");
    let typed: Vec<_> = node.client().stream(Prices { symbol: String::new(), days: 1 }).collect().await;
    assert!(typed[0].is_ok(), "what comes from inside is not validated");
}
