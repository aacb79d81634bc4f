//! The forms in which a handler can take a message or an event: the payload itself, or its delivery.

use actix::{Actor, Context, Handler, Message};

use crate::event::Delivery;
use crate::pattern::{EventPattern, MessagePattern, StreamPattern};
use crate::supervisor::{
    EventHandler, RequestHandler, delivery, event, message, message_delivery, stream, stream_delivery,
};

/// How a handler is called with a message.
#[doc(hidden)]
#[derive(Debug)]
pub struct CallMessage<A: Actor<Context = Context<A>>>(pub(super) RequestHandler<A>);

/// How a handler is called with an event.
#[doc(hidden)]
#[derive(Debug)]
pub struct CallEvent<A: Actor<Context = Context<A>>>(pub(super) EventHandler<A>);

/// A form in which a handler takes a message: `M` or [`Delivery<M>`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message pattern",
    label = "not a message pattern",
    note = "`patterns.message` takes a type that derives `MessagePattern`, or its `Delivery`; events go to `patterns.event`"
)]
pub trait MessageInput: Message + 'static {
    /// The message.
    type Pattern: MessagePattern;

    #[doc(hidden)]
    fn handler<A>() -> CallMessage<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<M: MessagePattern> MessageInput for M {
    type Pattern = M;

    fn handler<A>() -> CallMessage<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
    {
        CallMessage(message::<A, M>)
    }
}

#[diagnostic::do_not_recommend]
impl<M: MessagePattern> MessageInput for Delivery<M> {
    type Pattern = M;

    fn handler<A>() -> CallMessage<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
    {
        CallMessage(message_delivery::<A, M>)
    }
}

/// A form in which a handler takes a message whose response is a stream: `S` or [`Delivery<S>`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stream pattern",
    label = "not a stream pattern",
    note = "`patterns.stream` takes a type that derives `StreamPattern`, or its `Delivery`; messages go to `patterns.message`"
)]
pub trait StreamInput: Message + 'static {
    /// The message.
    type Pattern: StreamPattern;

    #[doc(hidden)]
    fn handler<A>() -> CallMessage<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<S: StreamPattern> StreamInput for S {
    type Pattern = S;

    fn handler<A>() -> CallMessage<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
    {
        CallMessage(stream::<A, S>)
    }
}

#[diagnostic::do_not_recommend]
impl<S: StreamPattern> StreamInput for Delivery<S> {
    type Pattern = S;

    fn handler<A>() -> CallMessage<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
    {
        CallMessage(stream_delivery::<A, S>)
    }
}

/// A form in which a handler takes an event: `E` or [`Delivery<E>`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event pattern",
    label = "not an event pattern",
    note = "`patterns.event` takes a type that derives `EventPattern`, or its `Delivery`; messages go to `patterns.message`"
)]
pub trait EventInput: Message + 'static {
    /// The event.
    type Pattern: EventPattern;

    #[doc(hidden)]
    fn handler<A>() -> CallEvent<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<E: EventPattern> EventInput for E {
    type Pattern = E;

    fn handler<A>() -> CallEvent<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
    {
        CallEvent(event::<A, E>)
    }
}

#[diagnostic::do_not_recommend]
impl<E: EventPattern> EventInput for Delivery<E> {
    type Pattern = E;

    fn handler<A>() -> CallEvent<A>
    where
        A: Actor<Context = Context<A>> + Handler<Self>,
        <A as Handler<Self>>::Result: 'static,
    {
        CallEvent(delivery::<A, E>)
    }
}
