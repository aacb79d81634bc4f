//! 0 done, 1 the service's word against it, 2 a wrong command line, 3 no answer at all.

use std::net::TcpListener;

use crate::support::{answering, by_hand, desk, run, run_beside};

#[actix::test]
async fn one_is_the_services_error_as_json_on_stderr() {
    let (_node, url, _) = desk().await;
    let failed = run_beside(&["send", &url, r#"{"cmd":"sum"}"#, "[]"]).await.expect(1);
    assert_eq!((failed.stdout.as_str(), failed.stderr.as_str()), ("", "{\"code\":7}\n"));
}

#[actix::test]
async fn one_is_also_a_pattern_that_nobody_handles() {
    let (_node, url, _) = desk().await;
    let failed = run_beside(&["send", &url, r#"{"cmd":"summ"}"#, "[]"]).await.expect(1);
    assert_eq!(failed.stderr, format!("nestling: no service at {url} handles {{\"cmd\":\"summ\"}}\n"));
}

#[test]
fn two_is_a_wrong_command_line() {
    let url = "tcp://127.0.0.1:1";
    for (args, said) in [
        (&["send"][..], "<URL>"),
        (&["send", "127.0.0.1", "x"], "tcp://HOST:PORT"),
        (&["send", "http://127.0.0.1:80", "x"], "`http://` is not known here"),
        (&["send", url, "{cmd:sum}"], "it begins as JSON does"),
        (&["send", url, "x", "[1,2"], "it begins as JSON does"),
        (&["send", url, "x", "1", "--timeout", "5"], "500ms"),
        (&["send", url, "x", "1", "--header", "novalue"], "NAME=VALUE"),
        (&["bench", url, "x", "1", "--payload", "3"], "--payload"),
        (&["bench", url, "x", "--in-flight", "0"], "--in-flight"),
        (&["dead-letters", "--store", "x.db", "list", "--reason", "bad_luck"], "handler_error"),
        (&["sned", url, "x"], "send"),
    ] {
        let run = run(args).expect(2);
        assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn three_is_nobody_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for command in ["send", "emit", "bench"] {
        let run = run(&[command, &free, "x"]).expect(3);
        assert!(run.stderr.contains(&format!("tcp://{free}: ")), "{}", run.stderr);
    }
    run(&["send", "no-such-host.invalid:3000", "x"]).expect(3);
}

#[actix::test]
async fn three_is_no_answer_in_time() {
    let (_node, url, _) = desk().await;
    let late = run_beside(&["send", &url, "never", "--timeout", "50ms"]).await.expect(3);
    assert_eq!(late.stderr, format!("nestling: {url}: no reply within 50ms\n"));
}

#[test]
fn three_is_a_connection_that_ends() {
    let closing = by_hand(drop).to_string();
    run(&["send", &closing, "x", "1"]).expect(3);
    let garbage = by_hand(|mut stream| {
        use std::io::{Read, Write};
        let _ = stream.read(&mut [0; 100]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let run = run(&["send", &garbage.to_string(), "x"]).expect(3);
    assert!(run.stderr.contains("a frame begins with its length"), "{}", run.stderr);
}

#[test]
fn three_is_a_stream_that_breaks_off() {
    let address = by_hand(|mut stream| {
        use std::io::{Read, Write};
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(br#"23#{"response":1,"id":"1"}"#);
    });
    let run = run(&["send", "--all", &address.to_string(), "x"]).expect(3);
    assert_eq!(run.stdout, "1\n", "what came is printed");
    let answered = answering(&[r#"{"response":1,"id":"1"}"#]).to_string();
    crate::support::run(&["send", &answered, "x"]).expect(0);
}
