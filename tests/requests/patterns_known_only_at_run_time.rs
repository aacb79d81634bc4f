//! What is no pattern is refused by `send_json`, and kept by `emit_json` as a dead letter that says why.

use nestling::prelude::*;
use serde_json::{Value, json};

use crate::support::until;

/// What is no pattern, and what the refusal says of it.
fn none() -> [(Value, &'static str); 5] {
    [
        (json!(""), "the pattern is empty"),
        (json!("order created"), "no white space"),
        (json!("order.*"), "`*` is a wildcard"),
        (json!("$service.failed"), "the node's own"),
        (json!(null), "`null` is not a pattern"),
    ]
}

#[actix::test]
async fn a_request_is_invalid() {
    let node = Node::builder("test").start().await.unwrap();
    for (pattern, why) in none() {
        let error = node.client().send_json(pattern.clone(), json!({})).await.unwrap_err();
        let RequestError::Invalid { message, .. } = error else { panic!("{pattern}: {error:?}") };
        assert!(message.contains(why), "{pattern}: {message}");
    }
    let error = node.client().send_json("order.created", json!({})).await.unwrap_err();
    assert_eq!(error, RequestError::NoHandler { pattern: "order.created".into() });
}

#[actix::test]
async fn an_event_is_a_dead_letter() {
    let node = Node::builder("test").start().await.unwrap();
    for (pattern, _) in none() {
        node.client().emit_json(pattern, json!({ "n": 1 }));
    }
    node.client().emit_json("order.created", json!({}));
    until(|| node.stats().no_subscriber == 1).await;
    node.dead_letters().flush().await.unwrap();
    let letters = node.dead_letters().list(Filter::default()).await.unwrap().letters;
    for (pattern, why) in none() {
        let route = Route::of(&pattern);
        let letter = letters.iter().find(|letter| letter.route == route);
        let letter = letter.unwrap_or_else(|| panic!("{pattern} is not among {letters:?}"));
        assert_eq!((letter.reason, letter.payload.get()), (Reason::Invalid, r#"{"n":1}"#));
        assert!(letter.error_message.contains(why), "{letter:?}");
    }
    assert_eq!(letters.len(), none().len());
    assert_eq!(node.stats().emitted, 1, "nobody can subscribe to the others");
}
