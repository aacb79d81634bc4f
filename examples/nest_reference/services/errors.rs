//! Errors: what a handler fails with is what a NestJS client gets.
//!
//! A service may have an error type of its own, which goes out as it serialises. `RpcError` is for those that want
//! NestJS's shape, `{"status":"error","message":..}`, or any other JSON.

use std::fmt::Display;

use nestling::ResponseStream;
use nestling::prelude::*;
use serde_json::{Value, json};

use super::Anything;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcstr", error = RpcError)]
pub(crate) struct Text(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcobj", error = Coded)]
pub(crate) struct Object(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcnum", error = RpcError)]
pub(crate) struct Number(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcnull", error = RpcError)]
pub(crate) struct Null(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcarr", error = RpcError)]
pub(crate) struct Array(Anything);

/// However NestJS may be made to fail with what is no `RpcException`, its client is told the same.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("err", alias = "http", alias = "throwstr", alias = "throwundef", alias = "piped", error = RpcError)]
pub(crate) struct Unexpected(Anything);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("retobs_err", item = u32, error = RpcError)]
pub(crate) struct UnexpectedStream(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("guarded", error = RpcError)]
pub(crate) struct Guarded(Anything);

/// An error type of the service's own.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
pub(crate) struct Coded {
    code: u32,
    message: String,
    extra: Vec<u32>,
}

#[derive(Service)]
#[service(
    "errors",
    messages(Text, Object, Number, Null, Array, Unexpected, Guarded),
    streams(UnexpectedStream)
)]
pub(crate) struct Errors;

impl Handler<Text> for Errors {
    type Result = Result<(), RpcError>;

    fn handle(&mut self, _: Text, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::new("boom"))
    }
}

impl Handler<Object> for Errors {
    type Result = Result<(), Coded>;

    fn handle(&mut self, _: Object, _: &mut Context<Self>) -> Self::Result {
        Err(Coded { code: 7, message: "m".into(), extra: vec![1] })
    }
}

impl Handler<Number> for Errors {
    type Result = Result<(), RpcError>;

    fn handle(&mut self, _: Number, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::json(5))
    }
}

impl Handler<Null> for Errors {
    type Result = Result<(), RpcError>;

    fn handle(&mut self, _: Null, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::json(Value::Null))
    }
}

impl Handler<Array> for Errors {
    type Result = Result<(), RpcError>;

    fn handle(&mut self, _: Array, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::json(json!(["a", "b"])))
    }
}

impl Handler<Unexpected> for Errors {
    type Result = Result<(), RpcError>;

    fn handle(&mut self, _: Unexpected, _: &mut Context<Self>) -> Self::Result {
        Err(internal("secret"))
    }
}

impl Handler<UnexpectedStream> for Errors {
    type Result = ResponseStream<u32, RpcError>;

    fn handle(&mut self, _: UnexpectedStream, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::failed(internal("secret"))
    }
}

impl Handler<Guarded> for Errors {
    type Result = Result<(), RpcError>;

    fn handle(&mut self, _: Guarded, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::new("Forbidden resource"))
    }
}

/// An error whose cause is none of the caller's business: the log has it.
fn internal(cause: impl Display) -> RpcError {
    tracing::error!(%cause, "a request failed");
    RpcError::new("Internal server error")
}
