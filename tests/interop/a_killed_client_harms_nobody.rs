//! A client that is killed in the middle of a burst leaves the service serving all others.

use serde_json::json;

use crate::nest::Nest;
use crate::reference::reference;

async fn nestjs_dies(nest: Nest) {
    let (mut service, address) = reference().await;
    let mut bystander = nest.client(&address);
    bystander.tell(&json!({ "id": "patient", "send": "slow", "data": 500 }));

    let mut doomed = nest.client(&address);
    doomed.tell(&json!({ "id": "burst", "concurrent": 500, "slow": 200 }));
    // Sent after the whole burst, so that the slow calls are under way.
    doomed.tell(&json!({ "id": "marker", "send": "echo", "data": 1 }));
    assert_eq!(doomed.json().await["id"], "marker");
    doomed.kill();

    let answer = json!({ "id": "patient", "values": ["slow500"], "end": "complete" });
    assert_eq!(bystander.json().await, answer);
    let counts = nest.client(&address).ask_one(json!({ "concurrent": 500, "slow": 10 })).await;
    assert_eq!(counts["right"], 500);
    assert_eq!(service.end().await.1.code(), Some(0));
}

#[tokio::test]
async fn of_nestjs_12() {
    nestjs_dies(Nest::V12).await;
}

#[tokio::test]
async fn of_nestjs_11() {
    nestjs_dies(Nest::V11).await;
}
