//! Stream patterns: how the inbox calls their handlers, and drives what they return.

mod address;
mod call;
mod work;

use std::sync::Arc;

use actix::{Actor, Context, Handler};

use super::call::AnyCall;
use super::handler::RequestOutcome;
use crate::event::{Delivery, Envelope};
use crate::pattern::StreamPattern;
use call::typed;
pub(crate) use call::{PendingItems, StreamCall, flatten};
use work::work;

/// Calls `Handler<S>`.
pub(crate) fn stream<A, S>(actor: &mut A, call: &Arc<dyn AnyCall>, ctx: &mut Context<A>) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>> + Handler<S>,
    <A as Handler<S>>::Result: 'static,
    S: StreamPattern,
{
    let Some(message) = typed::<S>(call).and_then(StreamCall::take_message) else {
        return RequestOutcome::Gone;
    };
    let response = Handler::<S>::handle(actor, message, ctx);
    work::<A, S, S, _>(call, response, ctx)
}

/// Calls `Handler<Delivery<S>>`.
pub(crate) fn stream_delivery<A, S>(
    actor: &mut A,
    call: &Arc<dyn AnyCall>,
    ctx: &mut Context<A>,
) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>> + Handler<Delivery<S>>,
    <A as Handler<Delivery<S>>>::Result: 'static,
    S: StreamPattern,
{
    let Some(message) = typed::<S>(call).and_then(StreamCall::take_message) else {
        return RequestOutcome::Gone;
    };
    let delivery = Delivery::of_message(Arc::new(Envelope::new(call.metadata().clone(), message)));
    let response = Handler::<Delivery<S>>::handle(actor, delivery, ctx);
    work::<A, S, Delivery<S>, _>(call, response, ctx)
}
