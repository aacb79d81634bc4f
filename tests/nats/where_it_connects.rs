//! A node that cannot connect does not start, within a finite time, and says what is wrong and what to do.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use nestling::prelude::*;
use nestling::{Nats, StartError};
use serde_json::Value;

use crate::nats_server::NatsServer;
use crate::support::{Created, Double, Never, desk, settled, soon};

async fn problem(nats: Nats) -> String {
    let began = Instant::now();
    let error = soon("an error", Node::builder("shop").connect(nats).start()).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(matches!(error, StartError::Nats { .. }), "{error}");
    error.to_string()
}

#[actix::test]
async fn a_wrong_url() {
    for url in ["http://127.0.0.1:4222", "nats://", "nats://a b:1"] {
        let problem = problem(Nats::url(url)).await;
        assert!(problem.contains("write it as nats://127.0.0.1:4222"), "{problem}");
    }
    let problem = problem(Nats::url("nats://user:pa55word@no-such-host.invalid:4222")).await;
    assert!(problem.contains("nobody knows the host") && !problem.contains("pa55word"), "{problem}");
}

#[actix::test]
async fn no_server_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    // One that lets in and says nothing.
    let silent = Nats::url(format!("nats://{address}")).connect_timeout(Duration::from_millis(200));
    let problem_of_silent = problem(silent).await;
    assert!(problem_of_silent.contains("did not answer within"), "{problem_of_silent}");
    drop(free);
    let problem = problem(Nats::url(format!("nats://{address}"))).await;
    assert!(problem.contains("is it running?") && problem.contains("keep_trying"), "{problem}");
}

#[actix::test]
async fn refused_credentials() {
    let server = NatsServer::with("authorization { users: [{ user: \"shop\", password: \"right\" }] }\n");
    for nats in [Nats::url(server.url()), Nats::url(server.url()).user_and_password("shop", "wrong")] {
        let problem = problem(nats).await;
        assert!(problem.contains("it refuses") && problem.contains("user_and_password"), "{problem}");
        assert!(!problem.contains("wrong"), "{problem}");
    }
    let nats = Nats::url(server.url()).user_and_password("shop", "right");
    let node = Node::builder("shop").connect(nats).start().await.unwrap();
    settled(&node).await;
    let server = NatsServer::with("authorization { token: \"t0ken\" }\n");
    let node = Node::builder("shop").connect(Nats::url(server.url()).token("t0ken")).start().await.unwrap();
    settled(&node).await;
    let problem = problem(Nats::url(server.url()).credentials_file("/no/such/file.creds")).await;
    assert!(problem.contains("/no/such/file.creds cannot be read"), "{problem}");
}

#[actix::test]
async fn the_next_of_several_servers() {
    let server = NatsServer::start();
    let (_node, _) = desk("shop", &server).await;
    let nats = Nats::urls(["nats://127.0.0.1:1".to_owned(), server.url()]);
    let caller = Node::builder("caller").connect(nats.name("several")).start().await.unwrap();
    assert_eq!(soon("it", caller.client().send(Double(2))).await, Ok(4));
}

/// A pattern that is no subject.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "white space", response = Value, error = Never)]
struct WhiteSpace;

struct Odd;
impl Actor for Odd {
    type Context = Context<Self>;
}
impl Supervised for Odd {}
impl Service for Odd {
    const NAME: &'static str = "odd";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<WhiteSpace>();
    }
}
impl Handler<WhiteSpace> for Odd {
    type Result = Result<Value, Never>;
    fn handle(&mut self, _: WhiteSpace, _: &mut Context<Self>) -> Self::Result {
        Ok(Value::Null)
    }
}

#[actix::test]
async fn patterns_that_are_no_subjects() {
    let server = NatsServer::start();
    let error = crate::support::connected("shop", &server).service(Odd).start().await.unwrap_err();
    let problem = error.to_string();
    assert!(problem.contains("service `odd`") && problem.contains("is no NATS subject"), "{problem}");
    // Without NATS it is a pattern like any other.
    Node::builder("shop").service(Odd).start().await.unwrap();
    let (node, _) = desk("shop", &server).await;
    let error = soon("a refusal", node.client().send(WhiteSpace)).await.unwrap_err().to_string();
    assert!(error.contains("is no NATS subject"), "{error}");
    node.client().emit_json(serde_json::json!({ "cmd": "white space" }), 1);
    node.client().emit(Created(1));
    let letters = crate::support::letters(&node).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].reason, Reason::Invalid);
}
