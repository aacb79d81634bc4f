//! A NestJS service answers in the caller's own types: responses, items, errors.

use std::time::Duration;

use futures::StreamExt;
use nestling::prelude::*;
use nestling::{RequestError, TcpClient};
use serde_json::json;

use crate::nest::Nest;
use crate::typed::{
    Coded, Echo, FirstOfThree, Never, Nobodys, Nul, OneAndError, RpcObject, RpcText, Sum, Three, Undef,
    Unexpected,
};

fn x() -> String {
    "x".to_owned()
}

async fn values(nest: Nest) {
    let (_service, address) = nest.service().await;
    let client = TcpClient::connect(address);
    assert_eq!(client.send(Sum(vec![0.5, 1.0])).await, Ok(1.5));
    assert_eq!(client.send(Undef(x())).await, Ok(()));
    assert_eq!(client.send(Nul(x())).await, Ok(None));
    assert_eq!(client.send(Echo(OrUndefined::Undefined)).await, Ok(OrUndefined::Undefined));
    let null = OrUndefined::Value(json!(null));
    assert_eq!(client.send(Echo(null.clone())).await, Ok(null));
    // One value of a stream, as `firstValueFrom` takes it, and all of them.
    assert_eq!(client.send(FirstOfThree(x())).await, Ok(1));
    assert_eq!(client.stream(Three(x())).collect::<Vec<_>>().await, [Ok(1), Ok(2), Ok(3)]);
}

async fn errors(nest: Nest) {
    let (_service, address) = nest.service().await;
    let client = TcpClient::connect(address);
    let coded = Coded { code: 7, message: "m".into(), extra: vec![1] };
    assert_eq!(client.send(RpcObject(x())).await, Err(RequestError::Handler(coded)));
    assert_eq!(client.send(RpcText(x())).await, Err(RequestError::Handler(RpcError::new("boom"))));
    let items: Vec<_> = client.stream(OneAndError(x())).collect().await;
    assert_eq!(items, [Ok(1), Err(RequestError::Handler(RpcError::new("mid")))]);

    // What does not fit the type is there as it came.
    let Err(RequestError::Remote(error)) = client.send(Unexpected(x())).await else {
        panic!("NestJS says `Internal server error`");
    };
    assert_eq!(error.error, json!({ "status": "error", "message": "Internal server error" }));
    let nobody = client.send(Nobodys(x())).await;
    assert!(matches!(&nobody, Err(RequestError::NoHandler { pattern }) if pattern == "nope"), "{nobody:?}");
    let never = client.send(Never(x())).timeout(Duration::from_millis(200)).await;
    assert!(matches!(&never, Err(RequestError::Timeout { .. })), "{never:?}");
    // And the connection is as good as before.
    assert_eq!(client.send(Sum(vec![1.0, 2.0])).await, Ok(3.0));
}

#[tokio::test]
async fn values_of_nestjs_12() {
    values(Nest::V12).await;
}

#[tokio::test]
async fn values_of_nestjs_11() {
    values(Nest::V11).await;
}

#[tokio::test]
async fn errors_of_nestjs_12() {
    errors(Nest::V12).await;
}

#[tokio::test]
async fn errors_of_nestjs_11() {
    errors(Nest::V11).await;
}
