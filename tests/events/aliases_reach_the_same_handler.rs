//! An event reaches its handler on every pattern that its type has; it is emitted on the first.

use nestling::prelude::*;
use serde_json::json;

use crate::support::{Log, idle};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("user.created", alias = { "cmd": "user_created" }, alias = "user.registered")]
struct UserCreated {
    id: u32,
}

#[actix::test]
async fn and_it_sees_which_one_it_was() {
    let node = Node::builder("test").start().await.unwrap();
    let log = Log::default();
    let seen = log.clone();
    let subscription = node.subscribe::<UserCreated>(
        SubscribeOptions::new().name("users"),
        async move |user: Delivery<UserCreated>| {
            seen.push(format!("{} {}", user.route(), user.id));
            Ok(())
        },
    );
    node.client().emit(UserCreated { id: 1 });
    node.client().emit_json(json!({ "cmd": "user_created" }), json!({ "id": 2 }));
    node.client().emit_json("user.registered", json!({ "id": 3 }));
    node.client().emit_json("user.unknown", json!({ "id": 4 }));
    idle(&node).await;
    assert_eq!(log.all(), ["user.created 1", r#"{"cmd":"user_created"} 2"#, "user.registered 3"]);
    let stats = node.stats();
    assert_eq!(stats.no_subscriber, 1);
    assert_eq!(stats.subscription("users", "user.created").unwrap(), subscription.stats());
    assert_eq!(subscription.stats().handled, 3);
}
