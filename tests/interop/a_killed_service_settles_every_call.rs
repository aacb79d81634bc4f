//! A service that is killed in the middle of a burst: every pending call ends, and the next one reaches its successor.

use std::time::Duration;

use futures::future::{join, join_all};
use nestling::{RequestError, TcpClient};
use serde_json::json;
use tokio::sync::oneshot;

use crate::nest::Nest;
use crate::reference::{reference, reference_at};
use crate::typed::{Slow, Sum};

async fn rust_dies(nest: Nest) {
    let (mut service, address) = reference().await;
    let mut client = nest.client(&address);
    client.tell(&json!({ "id": "burst", "concurrent": 500, "slow": 60_000, "timeout": 60_000 }));
    client.tell(&json!({ "id": "marker", "send": "sum", "data": [1] }));
    assert_eq!(client.json().await["id"], "marker");
    service.kill();

    let counts = client.json().await;
    let (right, closed) = (counts["right"].as_u64(), counts["failed"]["Connection closed"].as_u64());
    assert_eq!(right.unwrap_or(0) + closed.unwrap_or(0), 500, "{counts}");
    assert!(closed >= Some(50), "the slow calls cannot have been answered: {counts}");

    let refused = client.ask_one(json!({ "send": "echo", "data": 1 })).await;
    assert!(
        refused["error"]["message"].as_str().is_some_and(|said| said.contains("ECONNREFUSED")),
        "{refused}"
    );
    let _successor = reference_at(&address).await;
    let answer = client.ask_one(json!({ "send": "echo", "data": 2 })).await;
    assert_eq!(answer, json!({ "values": [2], "end": "complete" }));
}

async fn nestjs_dies(nest: Nest) {
    let (mut service, address) = nest.service().await;
    let client = TcpClient::connect(&address);
    // Answered after the burst was sent, and before the slow calls can be.
    let (tell, sent) = oneshot::channel();
    let calls = async {
        let slow = join_all((0..50).map(|_| client.send(Slow(60_000))));
        let sums = join_all((0..450_i16).map(|number| client.send(Sum(vec![f64::from(number)]))));
        let marker = async {
            assert_eq!(client.send(Sum(vec![1.0])).await, Ok(1.0));
            tell.send(()).expect("the kill waits for it");
        };
        let ((slow, sums), ()) = join(join(slow, sums), marker).await;
        for call in slow {
            assert!(matches!(call, Err(RequestError::Transport { .. })), "{call:?}");
        }
        for (number, call) in sums.into_iter().enumerate() {
            match call {
                Ok(sum) => assert_eq!(sum, number as f64),
                Err(error) => assert!(matches!(error, RequestError::Transport { .. }), "{error:?}"),
            }
        }
    };
    let kill = async {
        sent.await.expect("the burst is sent");
        service.kill();
    };
    let (settled, ()) = join(tokio::time::timeout(Duration::from_secs(20), calls), kill).await;
    settled.expect("every call ends, long before its own timeout");

    let refused = client.send(Sum(vec![1.0])).await;
    assert!(matches!(refused, Err(RequestError::Transport { .. })), "{refused:?}");
    let (_successor, _) = nest.service_at(&address).await;
    let answered = async {
        while client.send(Sum(vec![2.0])).await != Ok(2.0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), answered).await.expect("its successor is reached");
}

#[tokio::test]
async fn of_nestjs_12_on_rust() {
    rust_dies(Nest::V12).await;
}

#[tokio::test]
async fn of_nestjs_11_on_rust() {
    rust_dies(Nest::V11).await;
}

#[tokio::test]
async fn of_rust_on_nestjs_12() {
    nestjs_dies(Nest::V12).await;
}

#[tokio::test]
async fn of_rust_on_nestjs_11() {
    nestjs_dies(Nest::V11).await;
}
