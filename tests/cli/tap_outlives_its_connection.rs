//! `tap` says when its connection is lost and when it is back, goes on then, and ends well on Ctrl-C.

use crate::nats_server::NatsServer;
use crate::nats_support::{client, settled};
use crate::tapping::Tapping;

#[actix::test]
async fn it_goes_on_after_a_restart() {
    let mut server = NatsServer::start();
    let mut tapping = Tapping::begin(&["tap", &server.url(), "tick", "--count", "2"]);
    let body = r#"{"pattern":"tick","data":1}"#;
    let before = client(&server).await;
    before.publish("tick", body.into()).await.unwrap();
    settled(&before).await;
    drop(before);
    server.kill();
    tapping.says("the connection was lost");
    server.begin();
    tapping.says("connected again");
    let after = client(&server).await;
    after.publish("tick", body.into()).await.unwrap();
    settled(&after).await;
    assert_eq!(tapping.end().expect(0).stdout.lines().count(), 2);
}

#[actix::test]
async fn ctrl_c_is_the_end_of_it() {
    let server = NatsServer::start();
    let mut tapping = Tapping::begin(&["tap", &server.url(), "tick"]);
    let client = client(&server).await;
    client.publish("tick", r#"{"pattern":"tick","data":1}"#.into()).await.unwrap();
    settled(&client).await;
    let line = tapping.prints();
    assert!(line.ends_with("  1"), "a line is there when its event has passed: {line}");
    tapping.interrupt();
    let run = tapping.end().expect(0);
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
}

#[actix::test]
async fn a_server_that_does_not_allow_it_is_an_error() {
    let server = NatsServer::with(
        "authorization { users: [{ user: u, password: p, permissions: { subscribe: [\"_INBOX.>\"] } }] }\n",
    );
    let url = server.url().replace("nats://", "nats://u:p@");
    let refused = crate::support::run(&["tap", &url, "secret"]).expect(3);
    let said = refused.stderr.to_lowercase();
    assert!(said.contains("permissions violation for subscription to \"secret\""), "{said}");
}
