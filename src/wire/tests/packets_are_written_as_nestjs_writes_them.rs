//! Every packet, to the letter: keys, their order, and no others.

use crate::undefined::is_undefined;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::*;
use crate::{Headers, OrUndefined, RpcError};

const ID: &str = r#""ID1""#;

fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

fn value<T: Serialize + 'static>(value: &T, is_last: bool) -> String {
    let json = serde_json::to_string(value).unwrap();
    plain(|out| reply_value(out, ID, (!is_undefined(value)).then_some(&json), is_last))
}

fn error<E: Serialize>(error: &E) -> String {
    plain(|out| reply_error(out, ID, &serde_json::to_string(error).unwrap()))
}

#[test]
fn replies_of_each_outcome() {
    assert_eq!(value(&3, true), r#"{"response":3,"isDisposed":true,"id":"ID1"}"#);
    assert_eq!(value(&1, false), r#"{"response":1,"id":"ID1"}"#);
    for (falsy, json) in
        [(json!(null), "null"), (json!(0), "0"), (json!(""), "\"\""), (json!(false), "false")]
    {
        assert_eq!(value(&falsy, true), format!(r#"{{"response":{json},"isDisposed":true,"id":"ID1"}}"#));
    }
    assert_eq!(plain(|out| reply_end(out, ID)), r#"{"isDisposed":true,"id":"ID1"}"#);
    assert_eq!(
        plain(|out| reply_no_handler(out, ID)),
        r#"{"id":"ID1","status":"error","err":"There is no matching message handler defined in the remote service."}"#
    );
}

#[test]
fn a_value_that_is_undefined_has_no_response() {
    assert_eq!(value(&(), true), r#"{"isDisposed":true,"id":"ID1"}"#);
    assert_eq!(value(&(), false), r#"{"id":"ID1"}"#);
    assert_eq!(value(&OrUndefined::<u8>::Undefined, true), r#"{"isDisposed":true,"id":"ID1"}"#);
    assert_eq!(value(&OrUndefined::Value(7), true), r#"{"response":7,"isDisposed":true,"id":"ID1"}"#);
    assert_eq!(value(&None::<u8>, true), r#"{"response":null,"isDisposed":true,"id":"ID1"}"#);
}

#[test]
fn ids_come_back_as_they_came() {
    for id in ["null", "0", "1.50", r#"{"b":1, "a":[]}"#, r#""\u0041""#, "false"] {
        let mut out = Vec::new();
        reply_value(&mut out, id, Some("1"), true);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!(r#"{{"response":1,"isDisposed":true,"id":{id}}}"#)
        );
    }
}

#[test]
fn errors_of_each_shape() {
    for (thrown, err) in [
        (RpcError::new("boom"), r#"{"status":"error","message":"boom"}"#),
        (RpcError::json(json!({ "code": 7, "message": "m" })), r#"{"code":7,"message":"m"}"#),
        (RpcError::json(json!(["a", "b"])), r#"["a","b"]"#),
        (RpcError::json(5), r#"{"status":"error","message":5}"#),
        (RpcError::json(Value::Null), r#"{"status":"error","message":null}"#),
        (RpcError::json(""), r#"{"status":"error","message":""}"#),
        (RpcError::json(json!({})), "{}"),
    ] {
        let reply: Value = serde_json::from_str(&error(&thrown)).unwrap();
        let err: Value = serde_json::from_str(err).unwrap();
        assert_eq!(reply, json!({ "err": err, "isDisposed": true, "id": "ID1" }));
    }
    assert_eq!(error(&"mid"), r#"{"err":"mid","isDisposed":true,"id":"ID1"}"#);
    assert_eq!(
        plain(|out| reply_failure(out, ID, "the \"order\" service has stopped")),
        r#"{"err":{"status":"error","message":"the \"order\" service has stopped"},"isDisposed":true,"id":"ID1"}"#
    );
}

/// A unit struct serialises as `null`, which NestJS's client takes for a success.
#[test]
fn an_error_that_javascript_takes_for_false_is_wrapped() {
    #[derive(Serialize)]
    struct Nameless;

    assert_eq!(error(&Nameless), r#"{"err":{"status":"error","message":null},"isDisposed":true,"id":"ID1"}"#);
    for falsy in [json!(0), json!(-0.0), json!(""), json!(false)] {
        let reply = error(&falsy);
        assert_eq!(
            reply,
            format!(r#"{{"err":{{"status":"error","message":{falsy}}},"isDisposed":true,"id":"ID1"}}"#)
        );
        let Outcome::Error(err) = Reply::read(&reply).unwrap().outcome() else { panic!("{reply}") };
        assert_eq!(wrapped_falsy(err).unwrap().get(), falsy.to_string());
    }
}

#[test]
fn requests_and_events() {
    let headers = Headers::from([("traceparent".to_owned(), "00-1".to_owned())]);
    let pattern = r#"{"cmd":"sum"}"#;
    for (packet, expected) in [
        (
            written(|out| request(out, pattern, Some(&[1, 2]), None, ID)),
            r#"{"pattern":{"cmd":"sum"},"data":[1,2],"id":"ID1"}"#,
        ),
        (
            written(|out| request(out, pattern, Some(&[1, 2]), Some(&headers), ID)),
            r#"{"pattern":{"cmd":"sum"},"data":[1,2],"metadata":{"traceparent":"00-1"},"id":"ID1"}"#,
        ),
        (
            written(|out| request(out, "42", None::<&u8>, Some(&Headers::new()), ID)),
            r#"{"pattern":42,"id":"ID1"}"#,
        ),
        (
            written(|out| request(out, "42", Some(&OrUndefined::<u8>::Undefined), None, ID)),
            r#"{"pattern":42,"id":"ID1"}"#,
        ),
        (
            written(|out| event(out, r#""order.created""#, Some("é"), None)),
            r#"{"pattern":"order.created","data":"é"}"#,
        ),
        (
            written(|out| event(out, r#""e""#, Some(&None::<u8>), Some(&headers))),
            r#"{"pattern":"e","data":null,"metadata":{"traceparent":"00-1"}}"#,
        ),
    ] {
        assert_eq!(packet, expected);
    }
}
