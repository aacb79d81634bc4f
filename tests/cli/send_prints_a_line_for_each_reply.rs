//! `send` prints each reply as one line of JSON; what is sent is what was typed.

use crate::support::{desk, run_beside, run_with_stdin};

#[actix::test]
async fn one_reply() {
    let (_node, url, _) = desk().await;
    let sum = run_beside(&["send", &url, r#"{"cmd":"sum"}"#, "[1,2]"]).await.expect(0);
    assert_eq!((sum.stdout.as_str(), sum.stderr.as_str()), ("3\n", ""));
    // Without the scheme, and with the object written otherwise.
    let sum = run_beside(&["send", url.trim_start_matches("tcp://"), r#" { "cmd" : "sum" }"#, "[-5]"]).await;
    assert_eq!(sum.expect(0).stdout, "-5\n");
}

#[actix::test]
async fn words_are_strings_and_json_is_json() {
    let (_node, url, _) = desk().await;
    for (data, printed) in [
        ("hello", r#""hello""#),
        ("42", "42"),
        (r#""42""#, r#""42""#),
        ("-1", "-1"),
        (r#"{"a":[1]}"#, r#"{"a":[1]}"#),
    ] {
        assert_eq!(run_beside(&["send", &url, "echo", data]).await.expect(0).stdout.trim_end(), printed);
    }
}

#[actix::test]
async fn a_stream_is_its_first_item_or_all() {
    let (_node, url, _) = desk().await;
    assert_eq!(run_beside(&["send", &url, "count", "3"]).await.expect(0).stdout, "1\n");
    assert_eq!(run_beside(&["send", &url, "count", "3", "--all"]).await.expect(0).stdout, "1\n2\n3\n");
    let failed = run_beside(&["send", &url, "count", "10", "--all"]).await.expect(1);
    assert_eq!(failed.stdout.lines().count(), 9);
    let error: serde_json::Value = serde_json::from_str(&failed.stderr).expect("JSON alone");
    assert_eq!(error, serde_json::json!({ "status": "error", "message": "cannot count that far" }));
}

#[actix::test]
async fn no_value_prints_nothing() {
    let (_node, url, _) = desk().await;
    assert_eq!(run_beside(&["send", &url, "touch"]).await.expect(0).stdout, "");
    assert_eq!(run_beside(&["send", &url, "count", "0", "--all"]).await.expect(0).stdout, "");
}

#[actix::test]
async fn data_may_be_absent_or_come_from_stdin() {
    let (_node, url, _) = desk().await;
    assert_eq!(run_beside(&["send", &url, "seen"]).await.expect(0).stdout, "[false,\"\"]\n");
    assert_eq!(run_beside(&["send", &url, "seen", "null"]).await.expect(0).stdout, "[true,\"\"]\n");
    let big = format!("[{}1]", "1,".repeat(100_000));
    let sum = run_with_stdin(&["send", &url, r#"{"cmd":"sum"}"#, "-"], &big).await.expect(0);
    assert_eq!(sum.stdout, "100001\n");
}

#[actix::test]
async fn headers_ride_along() {
    let (_node, url, _) = desk().await;
    let seen = run_beside(&["send", &url, "seen", "1", "--header", "tenant=acme=x", "--header", "a=b"]).await;
    assert_eq!(seen.expect(0).stdout, "[true,\"acme=x\"]\n");
}
