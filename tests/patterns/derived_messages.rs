//! What `#[derive(MessagePattern)]` writes.

use nestling::{MessageKind, MessagePattern, Pattern};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("out of stock")]
struct OutOfStock;

#[derive(Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check_inventory", response = Vec<(u32, String)>, error = OutOfStock)]
struct CheckInventory {
    quantity: u32,
}

#[derive(Serialize, Deserialize, MessagePattern)]
#[message_pattern(
    { "cmd": "sum", "v": 2, "nested": [true, null, -1.5, "\u{e9}\n"] },
    alias = "sum",
    error = OutOfStock,
    alias = -42,
    alias = ["a", "b",],
    validate = Self::check,
    internal,
)]
struct Sum(Vec<i64>);

impl Sum {
    fn check(&self) -> Result<(), &'static str> {
        if self.0.is_empty() { Err("`0` is empty") } else { Ok(()) }
    }
}

/// Compiles only for a message whose handlers answer `Result<Response, Error>`.
fn answers<M: MessagePattern<Response = R, Error = E, Kind = MessageKind, Result = Result<R, E>>, R, E>() {}

fn internal<P: Pattern>() -> bool {
    P::INTERNAL
}

#[test]
fn cmd_is_short_for_an_object() {
    assert_eq!(CheckInventory::PATTERNS, [r#"{"cmd":"check_inventory"}"#]);
}

#[test]
fn the_handler_answers_with_response_and_error() {
    answers::<CheckInventory, Vec<(u32, String)>, OutOfStock>();
}

#[test]
fn a_response_that_is_left_out_is_the_unit() {
    answers::<Sum, (), OutOfStock>();
}

#[test]
fn the_pattern_comes_first_and_its_aliases_after_it() {
    let patterns: Vec<serde_json::Value> =
        Sum::PATTERNS.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let first = serde_json::json!({ "cmd": "sum", "v": 2, "nested": [true, null, -1.5, "é\n"] });
    assert_eq!(patterns, [first, "sum".into(), (-42).into(), vec!["a", "b"].into()]);
}

#[test]
fn internal_and_validate_hold_only_where_they_are_asked_for() {
    assert!(internal::<Sum>());
    assert_eq!(Sum(vec![]).validate(), Err("`0` is empty".to_owned()));
    assert_eq!(Sum(vec![1]).validate(), Ok(()));
    assert!(!internal::<CheckInventory>());
    assert_eq!(CheckInventory { quantity: 0 }.validate(), Ok(()));
}
