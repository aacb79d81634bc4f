//! What a node says of itself can be written as JSON: its stats and the report of its end.

use nestling::prelude::*;
use serde_json::{Value, json};

use crate::support::Never;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "greet", response = u32, error = Never)]
struct Greet;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("greeted")]
struct Greeted {
    politely: bool,
}

#[derive(Service)]
#[service("greeter", messages(Greet), events(Greeted))]
struct Greeter;
impl Handler<Greet> for Greeter {
    type Result = Result<u32, Never>;
    fn handle(&mut self, _: Greet, _: &mut Context<Self>) -> Self::Result {
        Ok(1)
    }
}
impl Handler<Greeted> for Greeter {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Greeted { politely }: Greeted, _: &mut Context<Self>) -> Self::Result {
        if politely { Ok(()) } else { Err(EventError::msg("not politely")) }
    }
}

#[actix::test]
async fn with_every_counter() {
    let node = Node::builder("lobby").service(Greeter).start().await.unwrap();
    node.client().send(Greet).await.unwrap();
    node.client().emit(Greeted { politely: true });
    node.client().emit(Greeted { politely: false });
    node.client().emit_json("nobody.listens", json!({}));
    let report = node.shutdown(Duration::from_secs(5)).await;
    let report: Value = serde_json::to_value(&report).unwrap();
    assert_eq!(report["drained"], json!(true));
    let stats = &report["stats"];
    assert_eq!(
        (&stats["name"], &stats["emitted"], &stats["no_subscriber"]),
        (&json!("lobby"), &json!(3), &json!(1))
    );
    let greeter = &stats["services"][0];
    assert_eq!((&greeter["name"], &greeter["state"]), (&json!("greeter"), &json!("stopped")));
    assert_eq!((&greeter["requests"]["received"], &greeter["requests"]["answered"]), (&json!(1), &json!(1)));
    assert_eq!(
        greeter["subscriptions"],
        json!([{
            "service": "greeter", "pattern": "greeted", "delivered": 2, "handled": 1, "dead_lettered": 1,
            "returned": 0, "queued": 0, "in_flight": 0, "retried": 0, "suppressed": 0,
        }])
    );
}
