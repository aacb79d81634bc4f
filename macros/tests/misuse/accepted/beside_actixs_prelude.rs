//! Both preludes side by side: no name of one hides one of the other.

// In an import it would only be a warning.
#![deny(ambiguous_glob_imports)]

use actix::prelude::*;
use nestling::prelude::*;

/// Whatever actix's prelude has. A name that both had, for different things, would be ambiguous here.
#[allow(unused_imports, deprecated)]
mod each {
    use super::{
        Actor, ActorContext, ActorFuture, ActorFutureExt, ActorResponse, ActorState, ActorStream,
        ActorStreamExt, ActorTryFuture, ActorTryFutureExt, Addr, Arbiter, ArbiterHandle, ArbiterService,
        AsyncContext, AtomicResponse, Condition, Context, ContextFutureSpawner, Handler, IntervalFunc,
        MailboxError, Message, MessageResponse, MessageResult, Recipient, RecipientRequest, Request,
        Response, ResponseActFuture, ResponseFuture, Running, SendError, SpawnHandle, Stream, StreamHandler,
        Supervised, Supervisor, SyncArbiter, SyncContext, System, SystemRunner, SystemService, TimerFunc,
        WrapFuture, WrapStream, actors, dev, fut, io,
    };
}

#[derive(Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check_inventory", response = u32, error = RpcError)]
struct CheckInventory {
    product_id: u64,
}

/// As actix has it.
#[derive(Message)]
#[rtype(result = "u32")]
struct Count;

#[derive(Service)]
#[service("inventory", messages(CheckInventory))]
struct Inventory;

impl Handler<CheckInventory> for Inventory {
    type Result = Result<u32, RpcError>;

    fn handle(&mut self, _: CheckInventory, _: &mut Context<Self>) -> Self::Result {
        Ok(1)
    }
}

impl Handler<Count> for Inventory {
    type Result = MessageResult<Count>;

    fn handle(&mut self, _: Count, ctx: &mut Context<Self>) -> Self::Result {
        if ctx.state() == ActorState::Running {
            ctx.run_later(Duration::from_secs(1), |_, ctx| ctx.stop());
        }
        MessageResult(1)
    }
}

#[allow(dead_code)]
async fn count(client: Client, counts: Recipient<Count>) -> Result<u32, RequestError<RpcError>> {
    let left = client.send(CheckInventory { product_id: 1 }).await?;
    let counted: Result<u32, MailboxError> = counts.send(Count).await;
    Ok(left + counted.unwrap_or(0))
}

fn main() {}
