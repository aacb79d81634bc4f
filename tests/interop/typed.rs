//! Some patterns of the reference service, as a Rust program that calls it would have them.

use nestling::prelude::*;
use serde_json::Value;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "sum", response = f64, error = RpcError)]
pub(crate) struct Sum(pub(crate) Vec<f64>);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("slow", response = String, error = RpcError)]
pub(crate) struct Slow(pub(crate) u64);

/// Its data may be absent, and so may its response.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = OrUndefined<Value>, error = RpcError)]
pub(crate) struct Echo(pub(crate) OrUndefined<Value>);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("undef", error = RpcError)]
pub(crate) struct Undef(pub(crate) String);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("nul", response = Option<u32>, error = RpcError)]
pub(crate) struct Nul(pub(crate) String);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("never", error = RpcError)]
pub(crate) struct Never(pub(crate) String);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcobj", error = Coded)]
pub(crate) struct RpcObject(pub(crate) String);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcstr", error = RpcError)]
pub(crate) struct RpcText(pub(crate) String);

/// Its error is no `Coded`.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("err", error = Coded)]
pub(crate) struct Unexpected(pub(crate) String);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("nope", error = RpcError)]
pub(crate) struct Nobodys(pub(crate) String);

/// A stream, of which the first item is wanted.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("asyncstream", response = u32, error = RpcError)]
pub(crate) struct FirstOfThree(pub(crate) String);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("asyncstream", item = u32, error = RpcError)]
pub(crate) struct Three(pub(crate) String);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("asyncstreamerr", item = u32, error = RpcError)]
pub(crate) struct OneAndError(pub(crate) String);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("evt")]
pub(crate) struct Evt(pub(crate) OrUndefined<Value>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
pub(crate) struct Coded {
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) extra: Vec<u32>,
}
