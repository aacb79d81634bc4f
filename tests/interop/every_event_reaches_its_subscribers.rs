//! Each event reaches each subscriber once, with its data, whoever else fails on it.

use nestling::{OrUndefined, TcpClient};
use serde_json::{Value, json};

use crate::nest::Nest;
use crate::program::Program;
use crate::reference::reference;
use crate::rows::Event;
use crate::typed::Evt;

/// The lines that a service prints of an event, whose subscribers keep no order among each other.
pub(crate) async fn printed(service: &mut Program, count: usize) -> Vec<Value> {
    let mut lines = Vec::new();
    while lines.len() < count {
        lines.push(service.json().await);
    }
    sorted(lines)
}

pub(crate) fn sorted(mut lines: Vec<Value>) -> Vec<Value> {
    lines.sort_by_key(Value::to_string);
    lines
}

/// The service prints nothing beside what was awaited, and ends well.
pub(crate) async fn nothing_else(mut service: Program) {
    let (lines, status) = service.end().await;
    assert_eq!(lines, Vec::<String>::new());
    assert_eq!(status.code(), Some(0));
}

async fn nestjs_emits_to_rust(nest: Nest) {
    let (mut service, address) = reference().await;
    let mut client = nest.client(&address);
    for event in Event::all() {
        let handed_over = client.ask_one(event.command()).await;
        assert_eq!(handed_over, json!({ "values": [], "end": "complete" }));
        assert_eq!(
            printed(&mut service, event.printed.len()).await,
            sorted(event.printed),
            "{:?}",
            event.sent
        );
    }
    nothing_else(service).await;
}

async fn rust_emits_to(mut service: Program, address: &str) {
    let client = TcpClient::connect(address);
    for event in Event::all() {
        match event.sent.data() {
            Some(data) => {
                client.emit_json(event.sent.pattern.clone(), data.clone()).expect("there is room for it");
            }
            // Only a type can say that there is none.
            None => client.emit(Evt(OrUndefined::Undefined)).expect("there is room for it"),
        }
        assert_eq!(
            printed(&mut service, event.printed.len()).await,
            sorted(event.printed),
            "{:?}",
            event.sent
        );
    }
    client.close().await;
    nothing_else(service).await;
}

#[tokio::test]
async fn from_nestjs_12_in_rust() {
    nestjs_emits_to_rust(Nest::V12).await;
}

#[tokio::test]
async fn from_nestjs_11_in_rust() {
    nestjs_emits_to_rust(Nest::V11).await;
}

#[tokio::test]
async fn from_rust_in_nestjs_12() {
    let (service, address) = Nest::V12.service().await;
    rust_emits_to(service, &address).await;
}

#[tokio::test]
async fn from_rust_in_nestjs_11() {
    let (service, address) = Nest::V11.service().await;
    rust_emits_to(service, &address).await;
}

#[tokio::test]
async fn from_rust_in_rust() {
    let (service, address) = reference().await;
    rust_emits_to(service, &address).await;
}
