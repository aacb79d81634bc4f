//! `invalid`: the payload was refused by the pattern's `validate`, and is again when it is replayed.

use nestling::prelude::*;
use serde_json::json;

use crate::support::{check, node, only};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("price.set", validate = positive)]
struct PriceSet {
    cents: i64,
}

fn positive(price: &PriceSet) -> Result<(), String> {
    if price.cents > 0 { Ok(()) } else { Err(format!("cents is {}, and must be positive", price.cents)) }
}

#[actix::test]
async fn also_when_it_is_replayed() {
    let node = node().start().await.unwrap();
    let _prices = node.subscribe::<PriceSet>(SubscribeOptions::new().name("prices"), async |_| Ok(()));
    node.client().emit_json("price.set", json!({ "cents": -5 }));
    let letter = only(&node).await;
    check(&letter, Reason::Invalid, 1);
    assert_eq!(letter.error_message, "cents is -5, and must be positive");
    assert_eq!(letter.payload.get(), r#"{"cents":-5}"#);

    assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(nestling::Replayed::Failed));
    let again = only(&node).await;
    assert_eq!(
        (again.id, again.reason, again.status, again.replay_count),
        (letter.id, Reason::Invalid, Status::New, 1)
    );
}
