//! Five hundred calls on one connection: each gets its own answer, and the slow hold up none of the fast.

use serde_json::json;

use crate::nest::Nest;
use crate::reference::reference;

async fn nestjs_calls_rust(nest: Nest) {
    let (_service, address) = reference().await;
    let counts = nest.client(&address).ask_one(json!({ "concurrent": 500, "slow": 1000 })).await;
    assert_eq!(counts, json!({ "right": 500, "wrong": 0, "failed": {}, "fast_before_slow": 450 }));
}

#[tokio::test]
async fn by_nestjs_12_of_rust() {
    nestjs_calls_rust(Nest::V12).await;
}

#[tokio::test]
async fn by_nestjs_11_of_rust() {
    nestjs_calls_rust(Nest::V11).await;
}
