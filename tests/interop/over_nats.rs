//! Over NATS, NestJS and this crate understand each other as they do over TCP: requests, streams and events, both ways.

use nestling::prelude::*;
use nestling::{Nats, OrUndefined};
use serde_json::json;

use crate::every_event_reaches_its_subscribers::{nothing_else, printed, sorted};
use crate::every_row_is_answered::answered;
use crate::nats_server::NatsServer;
use crate::nest::Nest;
use crate::program::Program;
use crate::reference::reference_at;
use crate::rows::{Event, Row};
use crate::typed::Evt;

async fn nestjs_calls_rust(nest: Nest) {
    let server = NatsServer::start();
    let (_service, address) = reference_at(&server.url()).await;
    let rows = Row::over_nats(nest);
    let outcomes = nest.client(&address).ask(rows.iter().map(Row::command)).await;
    for (row, outcome) in rows.iter().zip(&outcomes) {
        assert_eq!(*outcome, row.outcome_over_nats(), "{row:?}");
    }
    assert_eq!(outcomes.len(), rows.len());
}

/// A node of another application, which has nothing but a client.
async fn caller(address: &str) -> Node {
    Node::builder("caller").connect(Nats::url(address)).start().await.expect("the server is there")
}

async fn rust_calls(address: &str, rows: Vec<Row>) {
    let node = caller(address).await;
    answered(&node.client(), rows).await;
    node.shutdown(Duration::from_secs(5)).await;
}

async fn nestjs_emits_to_rust(nest: Nest) {
    let server = NatsServer::start();
    let (mut service, address) = reference_at(&server.url()).await;
    let mut client = nest.client(&address);
    for event in Event::all() {
        let handed_over = client.ask_one(event.command()).await;
        assert_eq!(handed_over, json!({ "values": [], "end": "complete" }));
        let lines = printed(&mut service, event.printed.len()).await;
        assert_eq!(lines, sorted(event.printed), "{:?}", event.sent);
    }
    nothing_else(service).await;
}

async fn rust_emits_to(mut service: Program, address: &str) {
    let node = caller(address).await;
    let client = node.client();
    for event in Event::all() {
        match event.sent.data() {
            Some(data) => client.emit_json(event.sent.pattern.clone(), data.clone()),
            // Only a type can say that there is none.
            None => client.emit(Evt(OrUndefined::Undefined)),
        }
        let lines = printed(&mut service, event.printed.len()).await;
        assert_eq!(lines, sorted(event.printed), "{:?}", event.sent);
    }
    node.shutdown(Duration::from_secs(5)).await;
    nothing_else(service).await;
}

async fn five_hundred_calls(nest: Nest) {
    let server = NatsServer::start();
    let (_service, address) = reference_at(&server.url()).await;
    let counts = nest.client(&address).ask_one(json!({ "concurrent": 500, "slow": 2000 })).await;
    assert_eq!(counts, json!({ "right": 500, "wrong": 0, "failed": {}, "fast_before_slow": 450 }));
}

macro_rules! with_each {
    ($($nest:ident: $name:ident),+) => {$(
        mod $name {
            use super::*;

            #[actix::test]
            async fn calls_rust() {
                nestjs_calls_rust(Nest::$nest).await;
            }

            #[actix::test]
            async fn is_called_by_rust() {
                let server = NatsServer::start();
                let (_service, address) = Nest::$nest.service_at(&server.url()).await;
                rust_calls(&address, Row::over_nats(Nest::$nest)).await;
            }

            #[actix::test]
            async fn emits_to_rust() {
                nestjs_emits_to_rust(Nest::$nest).await;
            }

            #[actix::test]
            async fn hears_rust() {
                let server = NatsServer::start();
                let (service, address) = Nest::$nest.service_at(&server.url()).await;
                rust_emits_to(service, &address).await;
            }

            #[actix::test]
            async fn makes_five_hundred_calls_at_once() {
                five_hundred_calls(Nest::$nest).await;
            }
        }
    )+};
}

with_each!(V12: nestjs_12, V11: nestjs_11);

#[actix::test]
async fn rust_calls_rust() {
    let server = NatsServer::start();
    let (_service, address) = reference_at(&server.url()).await;
    rust_calls(&address, Row::over_nats(Nest::V12)).await;
}
