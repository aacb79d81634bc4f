//! What a client makes of a reply: the table of NestJS's client, row by row.

use super::super::{Outcome, Reply};

/// A reply in short: `next` with a value, `complete`, `error`.
fn told(frame: &str) -> String {
    match Reply::read(frame).unwrap().outcome() {
        Outcome::Value { value, is_last } => {
            let value = value.map_or("undefined", |value| value.get());
            format!("next {value}{}", if is_last { ", complete" } else { "" })
        }
        Outcome::End => "complete".to_owned(),
        Outcome::Error(error) => format!("error {}", error.get()),
        Outcome::NoHandler => "no handler".to_owned(),
    }
}

#[test]
fn every_row_of_the_table() {
    for (reply, expected) in [
        (r#"{"response":3,"isDisposed":true,"id":"I"}"#, "next 3, complete"),
        (r#"{"response":3,"id":"I"}"#, "next 3"),
        (r#"{"isDisposed":true,"id":"I"}"#, "complete"),
        (r#"{"id":"I"}"#, "next undefined"),
        (r#"{"err":{"code":7},"isDisposed":true,"id":"I"}"#, r#"error {"code":7}"#),
        (r#"{"err":"mid","id":"I"}"#, r#"error "mid""#),
        (r#"{"err":["a"],"response":3,"id":"I"}"#, r#"error ["a"]"#),
        (r#"{"err":"","isDisposed":true,"id":"I"}"#, "complete"),
        (r#"{"err":0,"id":"I"}"#, "next undefined"),
        (r#"{"err":null,"response":3,"isDisposed":true,"id":"I"}"#, "next 3, complete"),
        (r#"{"err":false,"response":null,"id":"I"}"#, "next null"),
        (r#"{"response":null,"isDisposed":true,"id":"I"}"#, "next null, complete"),
        (
            r#"{"id":"I","status":"error","err":"There is no matching message handler defined in the remote service."}"#,
            "no handler",
        ),
    ] {
        assert_eq!(told(reply), expected, "{reply}");
    }
}

#[test]
fn disposed_is_whatever_javascript_takes_for_true() {
    for (disposed, expected) in [
        ("true", "complete"),
        ("1", "complete"),
        ("\"false\"", "complete"),
        ("{}", "complete"),
        ("[]", "complete"),
        ("false", "next undefined"),
        ("0", "next undefined"),
        ("-0.0", "next undefined"),
        ("\"\"", "next undefined"),
        ("null", "next undefined"),
    ] {
        assert_eq!(told(&format!(r#"{{"isDisposed":{disposed},"id":"I"}}"#)), expected, "{disposed}");
    }
}

/// NestJS 12 makes a value of the whole object, and so swallows errors.
#[test]
fn other_keys_do_not_change_what_is_meant() {
    let frame = r#"{"err":"mid","isDisposed":true,"id":"I","metadata":{},"code":1}"#;
    assert_eq!(told(frame), r#"error "mid""#);
    assert!(Reply::read(frame).unwrap().has_extra_keys);
    let frame = r#"{"err":"mid","response":1,"isDisposed":true,"id":"I","status":"error"}"#;
    assert!(!Reply::read(frame).unwrap().has_extra_keys);
}

#[test]
fn a_reply_that_is_for_nobody_has_no_id() {
    for frame in ["null", "[]", "7", "{}", r#"{"response":1,"isDisposed":true}"#] {
        assert!(Reply::read(frame).unwrap().id.is_none(), "{frame}");
    }
    assert_eq!(Reply::read(r#"{"id":null}"#).unwrap().id.unwrap().get(), "null");
    assert!(Reply::read("{").is_err());
}
