//! A shutdown takes nothing more, answers what is in flight, sends what was emitted, and then closes the connection. A node
//! that is dropped closes it at once.

use std::time::Duration;

use nestling::RequestError;

use crate::nats_server::NatsServer;
use crate::support::{Created, Double, Held, caller, desk, soon, until};

#[actix::test]
async fn what_is_in_flight_is_answered() {
    let server = NatsServer::start();
    let (node, seen) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client = caller.client();
    let held = {
        let client = client.clone();
        actix::spawn(async move { client.send(Held(7)).await })
    };
    until("it runs", || seen.begun() == 1).await;
    let ended = async { node.shutdown(Duration::from_secs(10)).await };
    let told = async {
        // Nobody serves it any more, while the one in flight is still being handled.
        soon("it serves no more", async {
            while !matches!(client.send(Double(1)).await, Err(RequestError::NoHandler { .. })) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        seen.open(1);
        assert_eq!(soon("its answer", held).await.unwrap(), Ok(7));
    };
    let (report, ()) = soon("the end", async { tokio::join!(ended, told) }).await;
    assert!(report.drained && report.took < Duration::from_secs(5), "{report:?}");
}

#[actix::test]
async fn what_takes_longer_is_told() {
    let server = NatsServer::start();
    let (node, seen) = desk("shop", &server).await;
    let caller = caller(&server).await;
    let client = caller.client();
    let held = actix::spawn(async move { client.send(Held(7)).await });
    until("it runs", || seen.begun() == 1).await;
    let report = soon("the end", node.shutdown(Duration::from_millis(100))).await;
    assert!(!report.drained);
    let error = soon("its answer", held).await.unwrap().unwrap_err().to_string();
    assert!(error.contains("`held` is not available: its service has stopped"), "{error}");
}

#[actix::test]
async fn what_was_emitted_is_sent_and_what_came_is_handled() {
    let server = NatsServer::start();
    let (node, seen) = desk("shop", &server).await;
    let caller = caller(&server).await;
    for n in 0..5_000 {
        caller.client().emit(Created(n));
    }
    let report = soon("the end", caller.shutdown(Duration::from_secs(10))).await;
    assert!(report.drained && report.stats.dead_letters.recorded == 0, "{report:?}");
    until("all came", || seen.len() == 5_000).await;
    let report = soon("the end", node.shutdown(Duration::from_secs(10))).await;
    assert_eq!((report.stats.total().handled, report.stats.balances()), (5_000, true));
}

#[actix::test]
async fn a_dropped_node_serves_no_more() {
    let server = NatsServer::start();
    let (node, _) = desk("shop", &server).await;
    let caller = caller(&server).await;
    assert_eq!(soon("it", caller.client().send(Double(2))).await, Ok(4));
    drop(node);
    // What it had been sent a moment ago is lost with it.
    let ask = || caller.client().send(Double(1)).timeout(Duration::from_millis(100));
    soon("it serves no more", async {
        while !matches!(ask().await, Err(RequestError::NoHandler { .. })) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}
