//! Keys are sorted as `localeCompare` sorts them, whatever order they came in.

use std::cmp::Ordering;

use nestling::Route;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Printable ASCII in the order in which ICU's root collation sorts single letters.
const SORTED: &str =
    " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ";

/// The rule as one states it in words, letter by letter.
fn reference(left: &str, right: &str) -> Ordering {
    let place = |letter: char| SORTED.find(letter.to_ascii_lowercase()).expect("printable ASCII");
    let pairs = || left.chars().zip(right.chars());
    for (l, r) in pairs() {
        if place(l) != place(r) {
            return place(l).cmp(&place(r));
        }
    }
    if left.len() != right.len() {
        return left.len().cmp(&right.len());
    }
    match pairs().find(|(l, r)| l != r) {
        Some((l, _)) if l.is_ascii_lowercase() => Ordering::Less,
        Some(_) => Ordering::Greater,
        None => Ordering::Equal,
    }
}

fn quoted(key: &str) -> String {
    format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Few letters, so that keys share beginnings and differ in case alone.
fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[aAbB_ .1]{0,4}", "[ -~]{0,6}"]
}

proptest! {
    #[test]
    fn keys_stand_in_the_order_of_the_reference(keys in prop::collection::btree_set(key(), 0..=20)) {
        let object: Map<String, Value> = keys.iter().map(|key| (key.clone(), json!(1))).collect();
        let mut sorted: Vec<&String> = keys.iter().collect();
        sorted.sort_by(|left, right| reference(left, right));
        let parts: Vec<String> = sorted.into_iter().map(|key| format!("{}:1", quoted(key))).collect();
        let expected = format!("{{{}}}", parts.join(","));
        prop_assert_eq!(Route::of(&Value::Object(object)), Route::from(expected.as_str()));
    }

    #[test]
    fn the_order_in_which_keys_are_written_does_not_matter(
        keys in prop::collection::hash_set("[\\x00-\\x7fé漢]{0,3}", 0..=20),
    ) {
        let text = |keys: &[&String]| {
            let parts: Vec<String> = keys.iter().map(|key| format!("{}:1", json!(key))).collect();
            format!("{{{}}}", parts.join(","))
        };
        let forward: Vec<&String> = keys.iter().collect();
        let backward: Vec<&String> = forward.iter().rev().copied().collect();
        let route = |text: String| Route::of(&serde_json::from_str(&text).unwrap());
        prop_assert_eq!(route(text(&forward)), route(text(&backward)));
    }
}

#[test]
fn a_letter_stands_beside_its_other_case_and_lower_case_first() {
    let object = json!({ "B": 1, "b": 1, "a": 1, "A": 1, "_": 1, "1": 1 });
    assert_eq!(Route::of(&object).as_str(), r#"{"_":1,"1":1,"a":1,"A":1,"b":1,"B":1}"#);
}

#[test]
fn case_decides_only_when_nothing_else_does() {
    let object = json!({ "AB": 1, "aC": 1, "Ab": 1, "abc": 1 });
    assert_eq!(Route::of(&object).as_str(), r#"{"Ab":1,"AB":1,"abc":1,"aC":1}"#);
}
