//! What travels beside the data: `Delivery<P>` in place of `P` brings it.

use nestling::prelude::*;

use super::Anything;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("ctx", response = Found, error = RpcError)]
pub(crate) struct Ctx(Anything);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    #[serde(skip_serializing_if = "OrUndefined::is_undefined")]
    d: Anything,
    pattern: String,
    #[serde(default, skip_serializing_if = "Headers::is_empty")]
    meta: Headers,
}

#[derive(Service)]
#[service("context", messages(Delivery<Ctx>))]
pub(crate) struct InContext;

impl Handler<Delivery<Ctx>> for InContext {
    type Result = Result<Found, RpcError>;

    fn handle(&mut self, request: Delivery<Ctx>, _: &mut Context<Self>) -> Self::Result {
        let (pattern, meta) = (request.route().to_string(), request.headers().clone());
        let Ctx(d) = request.into_inner();
        Ok(Found { d, pattern, meta })
    }
}
