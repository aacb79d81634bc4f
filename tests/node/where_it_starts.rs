//! A node starts wherever local tasks can be spawned: under actix's `System` and on a plain `LocalSet`. Elsewhere that is
//! an error which says so, without a panic and without a word on stderr.

use std::process::Command;

use nestling::prelude::*;

use crate::support::Never;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "ping", response = u32, error = Never)]
struct Ping;

#[derive(Service)]
#[service("pings", messages(Ping))]
struct Pings;

impl Handler<Ping> for Pings {
    type Result = ResponseFuture<Result<u32, Never>>;
    fn handle(&mut self, _: Ping, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(1)
        })
    }
}

/// A main function as users write it: `?` works on every error.
async fn main() -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    let node =
        Node::builder("test").service(Pings).service_on(Placement::Dedicated, |_| Dedicated).start().await?;
    let answer = node.client().send(Ping).await?;
    node.client().send(Pong).await?;
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.blocked.is_empty(), "{report:?}");
    Ok(answer)
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "pong", response = u32, error = Never)]
struct Pong;

#[derive(Service)]
#[service("dedicated", messages(Pong))]
struct Dedicated;

impl Handler<Pong> for Dedicated {
    type Result = Result<u32, Never>;
    fn handle(&mut self, _: Pong, _: &mut Context<Self>) -> Self::Result {
        Ok(2)
    }
}

#[test]
fn under_an_actix_system() {
    assert_eq!(actix::System::new().block_on(main()).unwrap(), 1);
}

#[test]
fn on_a_local_set_of_a_runtime_of_one_thread_or_of_many() {
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    assert_eq!(local.block_on(&one, main()).unwrap(), 1);
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    assert_eq!(many.block_on(local.run_until(main())).unwrap(), 1);
}

fn is_no_local_set(started: Result<Node, StartError>) {
    let error = started.unwrap_err();
    assert!(matches!(&error, StartError::NoLocalSet { node } if node == "test"), "{error:?}");
    assert!(error.to_string().contains("`tokio::task::LocalSet::run_until`"), "{error}");
}

#[test]
fn without_a_local_set_it_says_what_to_write() {
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    is_no_local_set(many.block_on(Node::builder("test").service(Pings).start()));
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    is_no_local_set(one.block_on(Node::builder("test").service(Pings).start()));
}

#[test]
fn without_timers_it_says_what_to_write() {
    let timeless = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let error = local.block_on(&timeless, Node::builder("test").service(Pings).start()).unwrap_err();
    assert!(matches!(error, StartError::NoTimers { .. }), "{error:?}");
    assert!(error.to_string().contains("`enable_all()`"), "{error}");
}

#[test]
fn and_prints_nothing() {
    let this = std::env::current_exe().unwrap();
    let tests = [
        "where_it_starts::without_a_local_set_it_says_what_to_write",
        "where_it_starts::without_timers_it_says_what_to_write",
    ];
    let output = Command::new(this).args(["--nocapture", "--exact"]).args(tests).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("2 passed"), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
