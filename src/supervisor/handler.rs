//! How an inbox calls a service's handlers: plain `fn` pointers, one for each form in which a handler can take its
//! message or event. The item itself waits in [`scope`](crate::scope), where a panic cannot lose it.

use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use actix::{Actor, Context, Handler};

use super::call::{AnyCall, Call, Refusal, typed};
use super::response::{Dropped, Pause, Response};
use crate::dead_letter::{Failure, Reason};
use crate::decode::from_text;
use crate::error::EventError;
use crate::event::{AnyEvent, Delivery, Envelope, Foreign, SharedEvent, Whose};
use crate::pattern::{EventPattern, MessagePattern};
use crate::scope::Scope;
use crate::wire::read_data;

/// What an event handler says.
pub(super) type EventResult = Result<(), EventError>;

/// Calls a handler with the event in hand, in an attempt and for the subscription of these numbers. What is common, that
/// it succeeds at once, comes back in a register.
pub(crate) type EventHandler<A> =
    fn(&mut A, &Scope, u32, u32, &mut Context<A>) -> Result<(), Box<Unhandled<A>>>;

/// An event that its handler has not handled yet, or not at all.
pub(crate) enum Unhandled<A: Actor<Context = Context<A>>> {
    /// The handler's error.
    Failed(EventError),
    /// The handler's future.
    Responding(Response<A, EventResult>),
    /// It does not reach its handler.
    Unreadable(Box<Failure>),
}

impl<A: Actor<Context = Context<A>>> From<Box<Failure>> for Box<Unhandled<A>> {
    #[cold]
    fn from(failure: Box<Failure>) -> Self {
        Box::new(Unhandled::Unreadable(failure))
    }
}

/// Takes what an event handler returned.
#[inline]
fn outcome<A: Actor<Context = Context<A>>>(
    response: Response<A, EventResult>,
) -> Result<(), Box<Unhandled<A>>> {
    match response {
        Response::Ready(Ok(())) => Ok(()),
        Response::Ready(Err(error)) => Err(Box::new(Unhandled::Failed(error))),
        response => Err(Box::new(Unhandled::Responding(response))),
    }
}

/// Calls a handler with a request.
pub(crate) type RequestHandler<A> = fn(&mut A, &Arc<dyn AnyCall>, &mut Context<A>) -> RequestOutcome<A>;

/// What has become of a request when its handler returned.
pub(crate) enum RequestOutcome<A: Actor<Context = Context<A>>> {
    Answered,
    /// Nobody waited for it any more: the handler was not called.
    Gone,
    Working(Box<dyn RequestWork<A>>),
}

/// A request whose handler has not answered yet.
pub(crate) trait RequestWork<A: Actor<Context = Context<A>>> {
    /// Ready when there is nothing left to do: `false` if the handler dropped its response.
    fn poll(&mut self, actor: &mut A, ctx: &mut Context<A>, cx: &mut TaskContext<'_>) -> Poll<bool>;
    /// How what its handler returned pauses the actor, if it does.
    fn pause(&self) -> Option<Pause>;
    /// Whether actix drives it.
    fn is_foreign(&self) -> bool;
}

/// Calls `Handler<E>` with a clone of the payload.
pub(crate) fn event<A, E>(
    actor: &mut A,
    scope: &Scope,
    _: u32,
    _: u32,
    ctx: &mut Context<A>,
) -> Result<(), Box<Unhandled<A>>>
where
    A: Actor<Context = Context<A>> + Handler<E>,
    <A as Handler<E>>::Result: 'static,
    E: EventPattern,
{
    let payload = with_event(scope, |event| match event.as_any().downcast_ref::<Envelope<E>>() {
        Some(envelope) => Ok(envelope.payload.clone()),
        None => decode::<E>(event),
    })?;
    let response = Handler::<E>::handle(actor, payload, ctx);
    outcome(Response::recognise::<E, _>(response, ctx))
}

/// Calls `Handler<Delivery<E>>` with the shared payload.
pub(crate) fn delivery<A, E>(
    actor: &mut A,
    scope: &Scope,
    attempt: u32,
    number: u32,
    ctx: &mut Context<A>,
) -> Result<(), Box<Unhandled<A>>>
where
    A: Actor<Context = Context<A>> + Handler<Delivery<E>>,
    <A as Handler<Delivery<E>>>::Result: 'static,
    E: EventPattern,
{
    let delivery = with_event(scope, |event| {
        let envelope = match Arc::clone(event).into_any().downcast::<Envelope<E>>() {
            Ok(envelope) => envelope,
            Err(_) => Arc::new(Envelope::new(event.metadata().clone(), decode::<E>(event)?)),
        };
        Ok(Delivery::new(envelope, attempt, Whose::new(number)))
    })?;
    let response = Handler::<Delivery<E>>::handle(actor, delivery, ctx);
    outcome(Response::recognise::<Delivery<E>, _>(response, ctx))
}

/// Calls `Handler<AnyEvent>`.
pub(crate) fn any_event<A>(
    actor: &mut A,
    scope: &Scope,
    attempt: u32,
    number: u32,
    ctx: &mut Context<A>,
) -> Result<(), Box<Unhandled<A>>>
where
    A: Actor<Context = Context<A>> + Handler<AnyEvent>,
    <A as Handler<AnyEvent>>::Result: 'static,
{
    let event = with_event(scope, |event| Ok(AnyEvent::new(Arc::clone(event), attempt, Whose::new(number))))?;
    let response = Handler::<AnyEvent>::handle(actor, event, ctx);
    outcome(Response::recognise::<AnyEvent, _>(response, ctx))
}

fn with_event<R>(
    scope: &Scope,
    read: impl FnOnce(&SharedEvent) -> Result<R, Box<Failure>>,
) -> Result<R, Box<Failure>> {
    scope.event_in_hand(|event| match event {
        Some(event) => read(event),
        None => Err(Box::new(Failure::new(Reason::Decode, "nestling", "the event in hand is gone"))),
    })
}

/// Reads an event of another type through JSON: a subscriber may have its own type for a route.
fn decode<E: EventPattern>(event: &SharedEvent) -> Result<E, Box<Failure>> {
    let json =
        event.json().map_err(|error| Box::new(Failure::new(Reason::Encode, "serde_json::Error", error)))?;
    let foreign = event.as_any().downcast_ref::<Envelope<Foreign>>();
    let payload: E = match foreign {
        // A type that does not tell them apart reads `null`.
        Some(foreign) if foreign.payload.absent => read_data(None).or_else(|_| from_text(json)),
        _ => from_text(json),
    }
    .map_err(|error| {
        let message = format!("the payload does not fit `{}`: {error}", std::any::type_name::<E>());
        Box::new(Failure::new(Reason::Decode, "serde_json::Error", message))
    })?;
    if foreign.is_some() {
        payload.validate().map_err(|error| Box::new(Failure::new(Reason::Invalid, "validate", error)))?;
    }
    Ok(payload)
}

/// Calls `Handler<M>`.
pub(crate) fn message<A, M>(actor: &mut A, call: &Arc<dyn AnyCall>, ctx: &mut Context<A>) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>> + Handler<M>,
    <A as Handler<M>>::Result: 'static,
    M: MessagePattern,
    M::Result: Send,
{
    let Some(message) = typed::<M>(call).and_then(Call::take_message) else { return RequestOutcome::Gone };
    let response = Handler::<M>::handle(actor, message, ctx);
    settle::<A, M>(call, Response::recognise::<M, _>(response, ctx))
}

/// Calls `Handler<Delivery<M>>`.
pub(crate) fn message_delivery<A, M>(
    actor: &mut A,
    call: &Arc<dyn AnyCall>,
    ctx: &mut Context<A>,
) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>> + Handler<Delivery<M>>,
    <A as Handler<Delivery<M>>>::Result: 'static,
    M: MessagePattern,
    M::Result: Send,
{
    let Some(message) = typed::<M>(call).and_then(Call::take_message) else { return RequestOutcome::Gone };
    let delivery = Delivery::of_message(Arc::new(Envelope::new(call.metadata().clone(), message)));
    let response = Handler::<Delivery<M>>::handle(actor, delivery, ctx);
    settle::<A, M>(call, Response::recognise::<Delivery<M>, _>(response, ctx))
}

fn settle<A, M>(call: &Arc<dyn AnyCall>, response: Response<A, M::Result>) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>>,
    M: MessagePattern,
    M::Result: Send,
{
    match (response, typed::<M>(call)) {
        (Response::Ready(ready), Some(call)) => {
            call.answer(ready);
            RequestOutcome::Answered
        }
        (response, _) => {
            RequestOutcome::Working(Box::new(Driven::<A, M> { call: Arc::clone(call), response }))
        }
    }
}

/// The work left of a typed request.
struct Driven<A: Actor<Context = Context<A>>, M: MessagePattern> {
    call: Arc<dyn AnyCall>,
    response: Response<A, M::Result>,
}

impl<A, M> RequestWork<A> for Driven<A, M>
where
    A: Actor<Context = Context<A>>,
    M: MessagePattern,
    M::Result: Send,
{
    fn poll(&mut self, actor: &mut A, ctx: &mut Context<A>, cx: &mut TaskContext<'_>) -> Poll<bool> {
        self.response.poll(actor, ctx, cx).map(|outcome| match (outcome, typed::<M>(&self.call)) {
            (Ok(response), Some(call)) => {
                call.answer(response);
                true
            }
            (Err(Dropped), _) | (_, None) => false,
        })
    }

    fn pause(&self) -> Option<Pause> {
        self.response.pause()
    }

    fn is_foreign(&self) -> bool {
        self.response.is_foreign()
    }
}

/// What a sender is told whose response the handler dropped.
pub(super) fn unanswered(service: &str) -> Refusal {
    Refusal::Unanswered { service: service.to_owned() }
}
