//! `send` over NATS asks as NestJS does, and prints each reply as it does over TCP.

use crate::nats_server::NatsServer;
use crate::nats_support::{answering, body, header, text};
use crate::support::{desk, run_beside};

#[actix::test]
async fn what_is_sent_is_a_packet_on_the_route() {
    let server = NatsServer::start();
    let mut came =
        answering(&server, r#"{"cmd":"sum"}"#, &[r#"{"response":3,"isDisposed":true,"id":$ID}"#]).await;
    let args = ["send", &server.url(), r#"{ "cmd" : "sum" }"#, "[1,2]", "--header", "tenant=acme=x"];
    let sum = run_beside(&args).await.expect(0);
    assert_eq!((sum.stdout.as_str(), sum.stderr.as_str()), ("3\n", ""));
    let request = came.recv().await.expect("it came");
    let id = &body(&request)["id"];
    assert!(id.is_string());
    assert_eq!(text(&request), format!(r#"{{"pattern":{{ "cmd" : "sum" }},"data":[1,2],"id":{id}}}"#));
    assert_eq!(header(&request, "tenant"), Some("acme=x"));
}

#[actix::test]
async fn no_data_and_no_headers_are_not_there() {
    let server = NatsServer::start();
    let mut came = answering(&server, "touch", &[r#"{"isDisposed":true,"id":$ID}"#]).await;
    assert_eq!(run_beside(&["send", &server.url(), "touch"]).await.expect(0).stdout, "");
    let request = came.recv().await.expect("it came");
    assert!(body(&request).get("data").is_none() && request.headers.is_none(), "{request:?}");
}

#[actix::test]
async fn a_stream_is_its_first_item_or_all() {
    let server = NatsServer::start();
    let items = &[
        r#"{"response":1,"id":$ID}"#,
        r#"{"response":"another's","isDisposed":true,"id":"another"}"#,
        r#"{"response":123456789012345678901.10,"id":$ID}"#,
        r#"{"id":$ID}"#,
        r#"{"isDisposed":true,"id":$ID}"#,
    ];
    let _came = answering(&server, "count", items).await;
    let all = run_beside(&["send", &server.url(), "count", "--all"]).await.expect(0);
    assert_eq!(all.stdout, "1\n123456789012345678901.10\nnull\n");
    assert_eq!(run_beside(&["send", &server.url(), "count"]).await.expect(0).stdout, "1\n");
}

#[actix::test]
async fn replies_of_others_than_nestjs_are_values() {
    let server = NatsServer::start();
    let _foreign = answering(&server, "foreign", &[r#"{"hello": [1]}"#]).await;
    assert_eq!(run_beside(&["send", &server.url(), "foreign"]).await.expect(0).stdout, "{\"hello\": [1]}\n");
    let _without = answering(&server, "without", &[r#"{"response":5,"isDisposed":true}"#]).await;
    assert_eq!(run_beside(&["send", &server.url(), "without"]).await.expect(0).stdout, "5\n");
}

#[actix::test]
async fn errors_are_as_over_tcp() {
    let server = NatsServer::start();
    let (url, _failing) = (
        server.url(),
        answering(&server, "fail", &[r#"{"err":{"code":7},"isDisposed":true,"id":$ID}"#]).await,
    );
    let failed = run_beside(&["send", &url, "fail", "[]"]).await.expect(1);
    assert_eq!((failed.stdout.as_str(), failed.stderr.as_str()), ("", "{\"code\":7}\n"));
}

#[actix::test]
async fn nobody_is_told_at_once_and_as_over_tcp() {
    let server = NatsServer::start();
    let (_node, tcp, _) = desk().await;
    let mut said = Vec::new();
    for url in [server.url(), tcp] {
        let failed = run_beside(&["send", &url, "nobody", "1"]).await.expect(1);
        assert_eq!(failed.stdout, "");
        said.push(failed.stderr.replace(&url, "URL"));
    }
    assert_eq!(said[0], "nestling: no service at URL handles \"nobody\"\n");
    assert_eq!(said[0], said[1]);
}
