//! What goes wrong with a NATS server is said in a line, with the exit status of its kind.

use std::net::TcpListener;

use crate::nats_server::NatsServer;
use crate::nats_support::answering;
use crate::support::{Room, run, run_beside, text};

#[test]
fn two_is_a_wrong_command_line() {
    let url = "nats://127.0.0.1:1";
    for (args, said) in [
        (&["send", "nats://", "x"][..], "nats://HOST:PORT"),
        (&["send", "nats://host:port", "x"], "nats://HOST:PORT"),
        (&["send", "nats://host:1/path", "x"], "nothing follows the port"),
        (&["send", "ws://host:1", "x"], "`ws://` is not known here"),
        (&["tap", "tcp://127.0.0.1:1", "x"], "nats://HOST:PORT"),
        (&["tap", url], "<PATTERN>"),
        (&["tap", url, "a b"], "white space"),
        (&["tap", url, "a.>.b"], "`>` stands at the end only"),
        (&["tap", url, "x", "--count", "0"], "--count"),
        (&["send", url, "order.*"], "`order.*` has a wildcard"),
        (&["bench", url, "order.*"], "`order.*` has a wildcard"),
        (&["emit", url, "order.>"], "`order.>` has a wildcard"),
        (&["send", url, r#"{"cmd":"two words"}"#], "white space"),
        (&["send", url, "a..b"], "a part of it is empty"),
        (&["send", url, "x", "--creds", "no/such.creds"], "no/such.creds"),
        (&["send", "127.0.0.1:1", "x", "--creds", "a.creds"], "--creds is for a NATS server"),
    ] {
        let run = run(args).expect(2);
        assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn two_is_a_header_that_nats_cannot_carry() {
    let server = NatsServer::start();
    let wrong = run(&["emit", &server.url(), "x", "--header", "a=b\r\nc"]).expect(2);
    assert!(wrong.stderr.contains("NATS cannot carry it"), "{}", wrong.stderr);
}

#[test]
fn two_is_a_packet_over_the_servers_limit() {
    let server = NatsServer::with("max_payload: 1KB\n");
    let url = server.url();
    let data = "x".repeat(2_000);
    for command in ["send", "emit"] {
        let over = run(&[command, &url, "x", &data]).expect(2);
        assert!(over.stderr.contains("and the server takes 1024"), "{}", over.stderr);
    }
    for events in [&[][..], &["--events"]] {
        let args = [&["bench", &*url, "x", "--payload", "2000", "--duration", "50ms"], events].concat();
        let over = run(&args).expect(2);
        assert!(over.stderr.contains("and the server takes 1024"), "{}", over.stderr);
    }
}

#[test]
fn three_is_nobody_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let url = format!("nats://{free}");
    for command in ["send", "emit", "bench", "tap"] {
        let run = run(&[command, &url, "x"]).expect(3);
        assert!(run.stderr.starts_with(&format!("nestling: {url}: ")), "{}", run.stderr);
    }
    run(&["send", "nats://no-such-host.invalid", "x"]).expect(3);
}

#[test]
fn three_is_a_peer_that_is_no_nats_server() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("nats://{}", silent.local_addr().unwrap());
    let late = run(&["send", &url, "x", "--timeout", "100ms"]).expect(3);
    assert!(late.stderr.contains("no connection"), "{}", late.stderr);
}

#[test]
fn three_is_credentials_that_are_refused() {
    let server = NatsServer::with("authorization { user: me, password: \"p@ss\" }\n");
    let at = |login: &str| server.url().replace("nats://", &format!("nats://{login}@"));
    let none = run(&["emit", &server.url(), "x"]).expect(3);
    assert!(none.stderr.contains("the server wants credentials"), "{}", none.stderr);
    let refused = run(&["emit", &at("me:secret"), "x"]).expect(3);
    assert!(refused.stderr.contains("the server refused the credentials"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("secret"), "{}", refused.stderr);
    run(&["emit", &at("me:p%40ss"), "x"]).expect(0);

    let server = NatsServer::with("authorization { token: s3cr3t }\n");
    run(&["emit", &server.url().replace("nats://", "nats://s3cr3t@"), "x"]).expect(0);
}

#[test]
fn a_file_of_credentials_is_used() {
    let room = Room::new();
    let file = room.path("no.creds");
    std::fs::write(&file, "nothing of the kind").expect("it is written");
    let wrong = run(&["emit", "nats://127.0.0.1:1", "x", "--creds", text(&file)]).expect(2);
    assert!(wrong.stderr.contains("no.creds"), "{}", wrong.stderr);
}

#[actix::test]
async fn three_is_no_answer_in_time() {
    let server = NatsServer::start();
    let _silent = answering(&server, "never", &[]).await;
    let late = run_beside(&["send", &server.url(), "never", "--timeout", "50ms"]).await.expect(3);
    assert_eq!(late.stderr, format!("nestling: {}: no reply within 50ms\n", server.url()));
}

#[actix::test]
async fn three_is_a_server_that_goes() {
    let mut server = NatsServer::start();
    let url = server.url();
    let mut came = answering(&server, "never", &[]).await;
    let waiting = tokio::task::spawn_local(async move { run_beside(&["send", &url, "never"]).await });
    came.recv().await.expect("it came");
    server.kill();
    let lost = waiting.await.expect("it ends").expect(3);
    assert!(lost.stderr.contains("the connection was lost"), "{}", lost.stderr);
}

#[actix::test]
async fn three_is_a_reply_that_is_no_json() {
    let server = NatsServer::start();
    let _odd = answering(&server, "odd", &["<html>"]).await;
    let odd = run_beside(&["send", &server.url(), "odd"]).await.expect(3);
    assert!(odd.stderr.contains("no JSON"), "{}", odd.stderr);
}
