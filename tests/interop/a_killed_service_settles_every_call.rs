//! A service that is killed in the middle of a burst: every pending call ends, and the next one reaches its successor.

use serde_json::json;

use crate::nest::Nest;
use crate::reference::{reference, reference_at};

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

#[tokio::test]
async fn of_nestjs_12_on_rust() {
    rust_dies(Nest::V12).await;
}

#[tokio::test]
async fn of_nestjs_11_on_rust() {
    rust_dies(Nest::V11).await;
}
