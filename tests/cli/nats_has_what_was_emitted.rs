//! `emit` over NATS returns when the server has the event.

use futures::{FutureExt, StreamExt};

use crate::nats_server::NatsServer;
use crate::nats_support::{client, header, settled, text};
use crate::support::run_beside;

#[actix::test]
async fn as_a_packet_without_an_id() {
    let server = NatsServer::start();
    let client = client(&server).await;
    let mut events = client.subscribe(r#"{"ev":"obj"}"#).await.expect("it subscribes");
    settled(&client).await;
    let args = ["emit", &server.url(), r#"{"ev":"obj"}"#, "[1]", "--header", "x-correlation-id=import-17"];
    let run = run_beside(&args).await.expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    // The server had it before the tool ended, and so it is in front of what this client says now.
    settled(&client).await;
    let event = events.next().now_or_never().flatten().expect("it is there");
    assert_eq!(text(&event), r#"{"pattern":{"ev":"obj"},"data":[1]}"#);
    assert!(event.reply.is_none());
    assert_eq!(header(&event, "x-correlation-id"), Some("import-17"));
}

#[actix::test]
async fn what_the_server_does_not_allow_is_an_error() {
    let server = NatsServer::with(
        "authorization { users: [{ user: u, password: p, permissions: { publish: [\"_INBOX.>\", \"ok\"] } }] }\n",
    );
    let url = server.url().replace("nats://", "nats://u:p@");
    run_beside(&["emit", &url, "ok", "1"]).await.expect(0);
    for command in ["emit", "send"] {
        let refused = run_beside(&[command, &url, "secret", "1"]).await.expect(3);
        let said = refused.stderr.to_lowercase();
        assert!(said.contains("permissions violation for publish to \"secret\""), "{said}");
        assert!(!said.contains("u:p@"), "{said}");
    }
}
