//! Values of every kind, among them those that JavaScript takes for false, and none at all.

use super::Anything;
use nestling::prelude::*;

/// `OrUndefined` keeps `null` and no data apart.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = Anything, error = RpcError)]
pub(crate) struct Echo(Anything);

/// A response of `()` is sent as no value.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("undef", error = RpcError)]
pub(crate) struct Undef(Anything);

/// `None` is `null`, which is a value.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("nul", response = Option<u8>, error = RpcError)]
pub(crate) struct Nul(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("zero", response = u8, error = RpcError)]
pub(crate) struct Zero(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("emptystr", response = String, error = RpcError)]
pub(crate) struct EmptyString(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("fals", response = bool, error = RpcError)]
pub(crate) struct False(Anything);

/// The data is how long to wait, in milliseconds.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("slow", response = String, error = RpcError)]
pub(crate) struct Slow(u64);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("never", error = RpcError)]
pub(crate) struct Never(Anything);

#[derive(Service)]
#[service("values", messages(Echo, Undef, Nul, Zero, EmptyString, False, Slow, Never))]
pub(crate) struct Values;

impl Handler<Echo> for Values {
    type Result = Result<Anything, RpcError>;

    fn handle(&mut self, Echo(data): Echo, _: &mut Context<Self>) -> Self::Result {
        Ok(data)
    }
}

impl Handler<Undef> for Values {
    type Result = Result<(), RpcError>;

    fn handle(&mut self, _: Undef, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

impl Handler<Nul> for Values {
    type Result = Result<Option<u8>, RpcError>;

    fn handle(&mut self, _: Nul, _: &mut Context<Self>) -> Self::Result {
        Ok(None)
    }
}

impl Handler<Zero> for Values {
    type Result = Result<u8, RpcError>;

    fn handle(&mut self, _: Zero, _: &mut Context<Self>) -> Self::Result {
        Ok(0)
    }
}

impl Handler<EmptyString> for Values {
    type Result = Result<String, RpcError>;

    fn handle(&mut self, _: EmptyString, _: &mut Context<Self>) -> Self::Result {
        Ok(String::new())
    }
}

impl Handler<False> for Values {
    type Result = Result<bool, RpcError>;

    fn handle(&mut self, _: False, _: &mut Context<Self>) -> Self::Result {
        Ok(false)
    }
}

impl Handler<Slow> for Values {
    type Result = ResponseFuture<Result<String, RpcError>>;

    fn handle(&mut self, Slow(millis): Slow, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(format!("slow{millis}"))
        })
    }
}

impl Handler<Never> for Values {
    type Result = ResponseFuture<Result<(), RpcError>>;

    fn handle(&mut self, _: Never, _: &mut Context<Self>) -> Self::Result {
        Box::pin(std::future::pending())
    }
}
