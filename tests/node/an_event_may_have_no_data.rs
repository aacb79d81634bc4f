//! An event that comes without data: a subscriber whose type tells it from `null` is told, any other reads `null`.

use nestling::prelude::*;
use nestling::{Tcp, TcpClient};
use serde_json::Value;

use crate::support::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("ping")]
struct Ping(OrUndefined<Value>);

/// The same event, in a type that knows no `undefined`.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("ping")]
struct PlainPing(Value);

#[derive(Service)]
#[service("exact", events(Ping))]
struct Exact(Log);
impl Handler<Ping> for Exact {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Ping(data): Ping, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("{data:?}"));
        Ok(())
    }
}

#[derive(Service)]
#[service("plain", events(PlainPing))]
struct Plain(Log);
impl Handler<PlainPing> for Plain {
    type Result = Result<(), EventError>;
    fn handle(&mut self, PlainPing(data): PlainPing, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("{data:?}"));
        Ok(())
    }
}

#[actix::test]
async fn and_is_told_from_one_whose_data_is_null() {
    let (exact, plain) = (Log::default(), Log::default());
    let node = Node::builder("far")
        .service(Exact(exact.clone()))
        .service(Plain(plain.clone()))
        .listen(Tcp::port(0))
        .start()
        .await
        .unwrap();
    let client = TcpClient::connect(node.listening()[0].to_string());
    client.emit(Ping(OrUndefined::Undefined)).unwrap();
    client.emit(Ping(OrUndefined::Value(Value::Null))).unwrap();
    until(|| exact.lines().len() == 2 && plain.lines().len() == 2).await;
    assert_eq!(exact.lines(), ["Undefined", "Value(Null)"]);
    assert_eq!(plain.lines(), ["Null", "Null"]);
    assert!(node.stats().balances());
}
