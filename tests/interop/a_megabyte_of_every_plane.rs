//! The length of a frame counts UTF-16 code units: text of one, two, three and four bytes a character comes back whole.

use nestling::{OrUndefined, TcpClient};
use serde_json::{Value, json};

use crate::nest::Nest;
use crate::reference::reference;
use crate::typed::Echo;

/// A megabyte in UTF-8, in which no two neighbours are of one length.
fn text() -> String {
    let text = "aé漢😀".repeat(100_000);
    assert_eq!(text.len(), 1_000_000);
    text
}

async fn nestjs_calls_rust(nest: Nest) {
    let (_service, address) = reference().await;
    let text = text();
    let outcome = nest.client(&address).ask_one(json!({ "send": "echo", "data": text })).await;
    // Without the megabyte in the test's output.
    assert!(outcome == json!({ "values": [text], "end": "complete" }), "it came back changed");
}

async fn rust_calls_nestjs(nest: Nest) {
    let (_service, address) = nest.service().await;
    let sent = OrUndefined::Value(Value::from(text()));
    let echoed = TcpClient::connect(address).send(Echo(sent.clone())).await.expect("it is answered");
    assert!(echoed == sent, "it came back changed");
}

#[tokio::test]
async fn between_nestjs_12_and_rust() {
    nestjs_calls_rust(Nest::V12).await;
}

#[tokio::test]
async fn between_nestjs_11_and_rust() {
    nestjs_calls_rust(Nest::V11).await;
}

#[tokio::test]
async fn between_rust_and_nestjs_12() {
    rust_calls_nestjs(Nest::V12).await;
}

#[tokio::test]
async fn between_rust_and_nestjs_11() {
    rust_calls_nestjs(Nest::V11).await;
}
