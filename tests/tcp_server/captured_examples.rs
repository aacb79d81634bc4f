//! The exchanges captured from NestJS, byte for byte.

use nestling::prelude::*;
use nestling::{RpcError, Tcp};
use serde_json::Value;

use crate::support::{Log, Peer, node, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("rpcstr", response = (), error = RpcError)]
#[serde(transparent)]
struct RpcStr(Value);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("err", response = (), error = RpcError)]
#[serde(transparent)]
struct Fails(Value);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern(cmd = "summed")]
struct Summed(u32);

#[derive(Service)]
#[service("captured", messages(RpcStr, Fails), events(Summed))]
struct Captured(Log);

impl Handler<RpcStr> for Captured {
    type Result = Result<(), RpcError>;
    fn handle(&mut self, _: RpcStr, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::new("boom"))
    }
}

impl Handler<Fails> for Captured {
    type Result = Result<(), RpcError>;
    fn handle(&mut self, _: Fails, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::new("Internal server error"))
    }
}

impl Handler<Summed> for Captured {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Summed(n): Summed, _: &mut Context<Self>) -> Self::Result {
        self.0.push(n.to_string());
        Ok(())
    }
}

#[actix::test]
async fn are_answered_byte_for_byte() {
    let log = Log::default();
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Captured(log.clone())).start().await.unwrap();
    let mut peer = Peer::to(&node).await;

    for (asked, answered) in [
        (
            r#"49#{"pattern":{"cmd":"sum"},"data":[1,2],"id":"ID1"}"#,
            r#"43#{"response":3,"isDisposed":true,"id":"ID1"}"#,
        ),
        (
            r#"38#{"pattern":"nope","data":1,"id":"ID1"}"#,
            r#"105#{"id":"ID1","status":"error","err":"There is no matching message handler defined in the remote service."}"#,
        ),
        (
            r#"42#{"pattern":"rpcstr","data":"x","id":"ID1"}"#,
            r#"72#{"err":{"status":"error","message":"boom"},"isDisposed":true,"id":"ID1"}"#,
        ),
        (
            r#"39#{"pattern":"err","data":"x","id":"ID1"}"#,
            r#"89#{"err":{"status":"error","message":"Internal server error"},"isDisposed":true,"id":"ID1"}"#,
        ),
        (
            r#"40#{"pattern":"echo","data":"é😀","id":"U"}"#,
            r#"45#{"response":"é😀","isDisposed":true,"id":"U"}"#,
        ),
    ] {
        peer.write(asked).await;
        peer.expect_bytes(answered).await;
    }
    // NestJS emits the pattern as a string, and nothing comes back.
    peer.write(r#"43#{"pattern":"{\"cmd\":\"summed\"}","data":1}"#).await;
    peer.expect_well().await;
    until("the event is handled", || log.lines() == ["1"]).await;
}
