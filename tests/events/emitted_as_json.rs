//! An event whose type differs from its subscriber's is read through JSON. What does not fit is a dead letter of that
//! subscriber alone, and so is what `validate` refuses of an event that came as JSON.

use nestling::prelude::*;
use serde_json::json;

use crate::support::{Log, idle, letters};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern({ "event": "stock", "v": 2 }, validate = Stocked::check)]
struct Stocked {
    item: String,
    count: u32,
}
impl Stocked {
    fn check(&self) -> Result<(), String> {
        if self.count > 0 { Ok(()) } else { Err("count is 0".to_owned()) }
    }
}

/// Another crate's idea of the same event.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern({ "v": 2, "event": "stock" })]
struct StockedElsewhere {
    count: i64,
}

fn subscribe_both(node: &Node, log: &Log<String>) -> [Subscription; 2] {
    let (here, elsewhere) = (log.clone(), log.clone());
    [
        node.subscribe::<Stocked>(
            SubscribeOptions::new().name("here"),
            async move |stocked: Delivery<Stocked>| {
                here.push(format!("here {} {}", stocked.item, stocked.count));
                Ok(())
            },
        ),
        node.subscribe::<StockedElsewhere>(
            SubscribeOptions::new().name("elsewhere"),
            async move |stocked: Delivery<StockedElsewhere>| {
                elsewhere.push(format!("elsewhere {}", stocked.count));
                Ok(())
            },
        ),
    ]
}

#[actix::test]
async fn reaches_every_type_that_it_fits() {
    let node = Node::builder("test").start().await.unwrap();
    let log = Log::default();
    let _subscriptions = subscribe_both(&node, &log);
    // Keys in any order are the same route.
    node.client().emit_json(json!({ "v": 2, "event": "stock" }), json!({ "item": "disc", "count": 1 }));
    node.client().emit(Stocked { item: "tape".to_owned(), count: 2 });
    node.client().emit(StockedElsewhere { count: 3 });
    node.client().emit_json(json!({ "event": "stock", "v": 2 }), json!({ "item": "reel", "count": 0 }));
    node.client().emit(Stocked { item: "inside".to_owned(), count: 0 });
    idle(&node).await;
    let mut all = log.all();
    all.sort();
    assert_eq!(
        all,
        [
            "elsewhere 0",
            "elsewhere 0",
            "elsewhere 1",
            "elsewhere 2",
            "elsewhere 3",
            "here disc 1",
            "here inside 0", // what is typed here is not validated
            "here tape 2",
        ]
    );
    let letters = letters(&node).await;
    let told: Vec<_> = letters.iter().map(|it| (it.service.as_str(), it.reason, it.payload.get())).collect();
    assert_eq!(
        told,
        [
            ("here", Reason::Decode, r#"{"count":3}"#),
            ("here", Reason::Invalid, r#"{"count":0,"item":"reel"}"#),
        ]
    );
    assert!(letters[0].error_message.contains("item"), "{}", letters[0].error_message);
    assert_eq!(letters[1].error_message, "count is 0");
    assert!(letters.iter().all(|it| it.attempts == 1), "no retry can help: {letters:?}");
}
