//! A service's own error goes out as it is. What else goes wrong is told to the peer without anything internal, and once
//! to the log, with its cause.

use nestling::prelude::*;
use nestling::{RpcError, Tcp};
use serde_json::{Value, json};
use tracing::Level;

use crate::logs::Logs;
use crate::support::{Held, Never, Peer, Seen, node, soon, started_with, until};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("out of stock")]
#[serde(tag = "code", rename_all = "snake_case")]
enum StockError {
    OutOfStock { left: u32 },
}

/// An error that JavaScript takes for no error.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("falsy")]
#[serde(transparent)]
struct Falsy(Value);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("stock", response = (), error = StockError)]
struct Stock;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("falsy", response = (), error = Falsy)]
#[serde(transparent)]
struct FailFalsy(Value);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpc", response = (), error = RpcError)]
#[serde(transparent)]
struct FailRpc(Value);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("panics", response = (), error = Never)]
struct Panics;

/// Its handler has a timeout of its own.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("hangs", response = (), error = Never)]
struct Hangs;

/// What nothing can be done with but to make it and to drop it.
#[derive(Debug)]
struct Stubborn;

impl Serialize for Stubborn {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("the password is sesame");
    }
}

impl<'de> Deserialize<'de> for Stubborn {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("the password is sesame");
    }
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("unwritable", response = Stubborn, error = Never)]
struct Unwritable;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("unreadable", response = (), error = Never)]
struct Unreadable(Stubborn);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("invalid", response = (), error = Never, validate = panics)]
struct Invalid;

fn panics(_: &Invalid) -> Result<(), String> {
    panic!("the password is sesame");
}

struct Failing;
impl Actor for Failing {
    type Context = Context<Self>;
}
impl Supervised for Failing {}
impl Service for Failing {
    const NAME: &'static str = "the-secret-failing";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Stock>().message::<FailFalsy>().message::<FailRpc>().message::<Panics>();
        patterns.message::<Hangs>().timeout(Duration::from_millis(20));
        patterns.message::<Unwritable>().message::<Unreadable>().message::<Invalid>();
    }
}

macro_rules! handlers {
    ($($name:pat_param => $type:ty: $result:ty = $body:expr;)+) => {
        $(impl Handler<$type> for Failing {
            type Result = $result;
            fn handle(&mut self, $name: $type, _: &mut Context<Self>) -> Self::Result {
                $body
            }
        })+
    };
}

handlers! {
    _ => Stock: Result<(), StockError> = Err(StockError::OutOfStock { left: 0 });
    FailFalsy(error) => FailFalsy: Result<(), Falsy> = Err(Falsy(error));
    FailRpc(error) => FailRpc: Result<(), RpcError> = Err(RpcError::json(error));
    _ => Panics: Result<(), Never> = panic!("the password is sesame");
    _ => Hangs: ResponseFuture<Result<(), Never>> = Box::pin(std::future::pending());
    _ => Unwritable: Result<Stubborn, Never> = Ok(Stubborn);
    _ => Unreadable: Result<(), Never> = Ok(());
    _ => Invalid: Result<(), Never> = Ok(());
}

async fn failing() -> (Node, Peer) {
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Failing).start().await.unwrap();
    let peer = Peer::to(&node).await;
    (node, peer)
}

#[actix::test]
async fn the_services_own_errors_go_out_as_they_are() {
    let (_node, mut peer) = failing().await;
    let err = r#"{"err":{"code":"out_of_stock","left":0},"isDisposed":true,"id":1}"#;
    assert_eq!(peer.ask(r#"{"pattern":"stock","data":null,"id":1}"#).await, err);
    for error in [json!({ "code": 7, "extra": [1] }), json!(["a", "b"])] {
        let reply = peer.ask_json(&format!(r#"{{"pattern":"rpc","data":{error},"id":1}}"#)).await;
        assert_eq!(reply, json!({ "err": error, "isDisposed": true, "id": 1 }));
    }
}

#[actix::test]
async fn falsy_errors_are_wrapped() {
    let (_node, mut peer) = failing().await;
    for falsy in ["null", "0", "-0.0", r#""""#, "false"] {
        assert_eq!(
            peer.ask(&format!(r#"{{"pattern":"falsy","data":{falsy},"id":1}}"#)).await,
            format!(r#"{{"err":{{"status":"error","message":{falsy}}},"isDisposed":true,"id":1}}"#)
        );
    }
}

/// Asks for a pattern that fails; returns what the peer is told and what the node logs.
async fn failure(pattern: &str, data: &str) -> (String, Vec<String>) {
    let logs = Logs::default();
    let _collecting = logs.collect();
    let (_node, mut peer) = failing().await;
    let reply = peer.ask_json(&format!(r#"{{"pattern":"{pattern}","data":{data},"id":1}}"#)).await;
    assert_eq!((&reply["isDisposed"], &reply["err"]["status"]), (&json!(true), &json!("error")));
    peer.expect_well().await;
    let mut logged = logs.at(Level::ERROR);
    logged.extend(logs.at(Level::WARN));
    let said = reply["err"]["message"].as_str().unwrap().to_owned();
    for internal in ["sesame", "secret", "Stubborn", "Failing", "errors_leak_nothing", "::"] {
        assert!(!said.contains(internal), "{said}");
    }
    // The watchdog and the supervisor may have said more: what has become of the service is another matter.
    logged.retain(|line| line.contains(&format!("pattern=\"{pattern}\"")));
    (said, logged)
}

#[actix::test]
async fn a_panic() {
    let (said, logged) = failure("panics", "null").await;
    assert_eq!(said, "the handler of `panics` panicked");
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].contains("sesame"), "{logged:?}");
}

#[actix::test]
async fn a_timeout() {
    let (said, logged) = failure("hangs", "null").await;
    assert_eq!(said, "`hangs` was not answered within 20ms");
    assert_eq!(logged.len(), 1, "{logged:?}");
}

#[actix::test]
async fn types_that_fail() {
    for (pattern, data) in [("unwritable", "null"), ("unreadable", "1"), ("invalid", "null")] {
        let (said, logged) = failure(pattern, data).await;
        assert_eq!(said, format!("`{pattern}` is faulty: its data cannot be read or written"));
        assert_eq!(logged.len(), 1, "{logged:?}");
        assert!(logged[0].contains("sesame"), "{logged:?}");
    }
}

#[actix::test]
async fn a_request_that_is_not_answered_in_time() {
    let logs = Logs::default();
    let _collecting = logs.collect();
    let (node, seen) = started_with(Tcp::port(0).request_timeout(Duration::from_millis(50))).await;
    let mut peer = Peer::to(&node).await;
    let reply = peer.ask_json(r#"{"pattern":"held","data":1,"id":1}"#).await;
    assert_eq!(reply["err"], json!({ "status": "error", "message": "`held` was not answered within 50ms" }));
    until("the handler is dropped", || seen.dropped() == 1).await;
    assert_eq!(logs.at(Level::WARN).iter().filter(|line| line.contains("\"held\"")).count(), 1);
}

/// One request at a time, and room for one.
#[derive(Clone)]
struct Busy(Seen);
impl Actor for Busy {
    type Context = Context<Self>;
}
impl Supervised for Busy {}
impl Service for Busy {
    const NAME: &'static str = "the-secret-busy";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.request_capacity(1).message::<Held>();
    }
}
impl Handler<Held> for Busy {
    type Result = AtomicResponse<Self, Result<u64, Never>>;
    fn handle(&mut self, _: Held, _: &mut Context<Self>) -> Self::Result {
        self.0.begun.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        AtomicResponse::new(Box::pin(std::future::pending().into_actor(self)))
    }
}

#[actix::test]
async fn an_overload_and_a_service_that_has_stopped() {
    let logs = Logs::default();
    let _collecting = logs.collect();
    let seen = Seen::default();
    let builder = Node::builder("hall").service(Busy(seen.clone())).listen(Tcp::port(0));
    let node = builder.start().await.unwrap();
    let mut peer = Peer::to(&node).await;
    peer.send(r#"{"pattern":"held","data":1,"id":"running"}"#).await;
    until("one is running", || seen.begun() == 1).await;
    peer.send(r#"{"pattern":"held","data":1,"id":"queued"}"#).await;
    let reply = peer.ask_json(r#"{"pattern":"held","data":1,"id":"refused"}"#).await;
    assert_eq!(reply["id"], "refused");
    assert_eq!(reply["err"]["message"], "`held` is overloaded: too many requests wait, try again later");
    assert_eq!(logs.at(Level::WARN).iter().filter(|line| line.contains("Overloaded")).count(), 1);

    let ended = node.shutdown(Duration::ZERO);
    let told = async {
        let (one, other) = (peer.json().await, peer.json().await);
        for reply in [one, other] {
            assert_eq!(
                reply["err"]["message"], "`held` is not available: its service has stopped",
                "{reply}"
            );
        }
        peer.expect_end().await;
    };
    soon("the end", async { tokio::join!(ended, told) }).await;
    assert_eq!(logs.at(Level::WARN).iter().filter(|line| line.contains("Unavailable")).count(), 2);
}
