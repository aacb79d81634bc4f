//! Whatever a client may ask of the reference service, in NestJS or in Rust, it gets what NestJS's client gets of NestJS.

use std::time::Duration;

use futures::{Stream, StreamExt};
use nestling::prelude::*;
use nestling::{RequestError, TcpClient};
use serde_json::{Value, json};

use crate::nest::Nest;
use crate::reference::reference;
use crate::rows::Row;
use crate::typed::Echo;

async fn nestjs_calls_rust(nest: Nest) {
    let (_service, address) = reference().await;
    let rows = Row::all(nest);
    let outcomes = nest.client(&address).ask(rows.iter().map(Row::command)).await;
    for (row, outcome) in rows.iter().zip(&outcomes) {
        assert_eq!(*outcome, row.outcome(), "{row:?}");
    }
    assert_eq!(outcomes.len(), rows.len());
}

async fn rust_calls(address: &str, rows: Vec<Row>) {
    answered(&TcpClient::connect(address).client(), rows).await;
}

/// Each row comes to what it is to come to.
pub(crate) async fn answered(client: &Client, rows: Vec<Row>) {
    for row in rows {
        let outcome = outcome(client, &row).await;
        assert_eq!(plain(outcome), plain(row.outcome()), "{row:?}");
    }
}

/// Makes a row's call. The outcome is told as NestJS's client does.
async fn outcome(client: &Client, row: &Row) -> Value {
    let client = row.metadata.iter().fold(client.clone(), |client, (name, value)| {
        client.header(name, value.as_str().expect("metadata is text"))
    });
    let timeout = Duration::from_millis(row.timeout.unwrap_or(10_000));
    let Some(data) = row.sent.data() else {
        // Only a type can say that there is none.
        return match client.send(Echo(OrUndefined::Undefined)).await {
            Ok(echoed) => json!({ "values": Vec::from_iter(echoed.into_value()), "end": "complete" }),
            Err(error) => panic!("{error}"),
        };
    };
    if row.mode == "first" {
        let first = client.send_json(row.sent.pattern.clone(), data.clone()).timeout(timeout).await;
        return match first {
            // Where there is no value at all, a future has to be something.
            Ok(Value::Null) if row.values.is_empty() => json!({ "values": [], "end": "complete" }),
            first => told(futures::stream::iter([first])).await,
        };
    }
    let all = client.stream_json(row.sent.pattern.clone(), data.clone()).timeout(timeout);
    match row.mode.strip_prefix("take:") {
        Some(count) => told(all.take(count.parse().expect("it is a number"))).await,
        None => told(all).await,
    }
}

/// Reads a stream to its end.
async fn told(items: impl Stream<Item = Result<Value, RequestError<Value>>>) -> Value {
    let (mut values, mut end, mut items) = (Vec::new(), json!({ "end": "complete" }), Box::pin(items));
    while let Some(item) = items.next().await {
        match item {
            Ok(value) => values.push(value),
            Err(RequestError::Handler(error)) => end = json!({ "end": "error", "error": error }),
            Err(RequestError::Timeout { .. }) => end = json!({ "end": "timeout" }),
            Err(RequestError::NoHandler { .. }) => {
                let error = "There is no matching message handler defined in the remote service.";
                end = json!({ "end": "error", "error": error });
            }
            Err(error) => panic!("{error}"),
        }
    }
    end["values"] = values.into();
    end
}

/// JSON in which a number is one number, however it is written, and without the ids that Rust sends beside headers.
fn plain(json: Value) -> Value {
    match json {
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .filter(|(name, _)| !(name.starts_with("x-") && name.ends_with("-id")))
            .map(|(name, value)| (name, plain(value)))
            .collect(),
        other => other,
    }
}

#[tokio::test]
async fn to_nestjs_12_by_rust() {
    nestjs_calls_rust(Nest::V12).await;
}

#[tokio::test]
async fn to_nestjs_11_by_rust() {
    nestjs_calls_rust(Nest::V11).await;
}

#[tokio::test]
async fn to_rust_by_nestjs_12() {
    let (_service, address) = Nest::V12.service().await;
    rust_calls(&address, Row::all(Nest::V12)).await;
}

#[tokio::test]
async fn to_rust_by_nestjs_11() {
    let (_service, address) = Nest::V11.service().await;
    rust_calls(&address, Row::all(Nest::V11)).await;
}

#[tokio::test]
async fn to_rust_by_rust() {
    let (_service, address) = reference().await;
    rust_calls(&address, Row::all(Nest::V12)).await;
}
