//! What a service sends is printed as it sent it: no number is rounded, and a line stays a line.

use crate::support::{answering, run};

#[test]
fn no_number_is_rounded() {
    let address = answering(&[
        r#"{"response":{"n":123456789012345678901234567890.10,"b":1,"a":2},"isDisposed":true,"id":"1"}"#,
    ]);
    let run = run(&["send", &address.to_string(), "big"]).expect(0);
    assert_eq!(run.stdout, "{\"n\":123456789012345678901234567890.10,\"b\":1,\"a\":2}\n");
}

#[test]
fn a_line_stays_a_line() {
    let address = answering(&["{\"response\":[1,\n  \"a  b\"],\"isDisposed\":true,\"id\":\"1\"}"]);
    assert_eq!(run(&["send", &address.to_string(), "lines"]).expect(0).stdout, "[1,\"a  b\"]\n");
}

#[test]
fn what_is_for_somebody_else_is_passed_over() {
    let address = answering(&[
        r#"{"response":"not mine","isDisposed":true,"id":{"x":1}}"#,
        r#"{"response":1,"id":"1"}"#,
        r#"{"id":"1"}"#,
        r#"{"isDisposed":true,"id":"1"}"#,
    ]);
    assert_eq!(run(&["send", "--all", &address.to_string(), "x"]).expect(0).stdout, "1\nnull\n");
}
