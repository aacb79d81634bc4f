//! Which JSON JavaScript takes for false.

use super::super::error::is_falsy;
use super::super::wrapped_falsy;
use super::support::raw;

#[test]
fn as_node_has_it() {
    // `Boolean(JSON.parse(text))` of Node 20 is false of these,
    for text in
        ["0", "-0", "0.0", "-0.00", "0e5", "0E-5", "1e-400", "-1e-400", "\"\"", "false", "null", " null "]
    {
        assert!(is_falsy(text), "{text}");
    }
    // and true of these.
    for text in
        ["1", "-1", "1e-300", "5e-324", "1e999", "\"0\"", "\"false\"", "\" \"", "[]", "{}", "[0]", "true"]
    {
        assert!(!is_falsy(text), "{text}");
    }
}

#[test]
fn only_what_this_crate_has_wrapped_is_unwrapped() {
    let unwrapped = |err: &str| wrapped_falsy(&raw(err)).map(|message| message.get().to_owned());
    assert_eq!(unwrapped(r#"{"status":"error","message":null}"#), Some("null".to_owned()));
    assert_eq!(unwrapped(r#"{"message":0.0,"status":"error"}"#), Some("0.0".to_owned()));
    for other in [
        r#"{"status":"error","message":"boom"}"#,
        r#"{"status":"error","message":null,"code":7}"#,
        r#"{"status":"ok","message":null}"#,
        r#"{"status":"error"}"#,
        r#"{"message":null}"#,
        r#""error""#,
        "[]",
    ] {
        assert_eq!(unwrapped(other), None, "{other}");
    }
}
