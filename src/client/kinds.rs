//! Which kind of pattern goes which way. The wrong way does not compile, and these traits say what to write; the
//! compiler is told not to add a list of what else implements them.

use std::sync::Arc;

use super::{Client, EmitConfirmed, SendFuture};
use crate::event::Envelope;
use crate::pattern::{
    EventKind, EventPattern, MessageKind, MessagePattern, Pattern, StreamKind, StreamPattern,
};
use crate::routes::route_of;
use crate::supervisor::Refusal;

/// A kind of pattern that can be sent: that of messages.
#[diagnostic::on_unimplemented(
    message = "`{P}` is an event pattern: events have no response; use `client.emit`",
    label = "an event has no response to wait for"
)]
pub trait Sendable<P: Pattern> {
    #[doc(hidden)]
    fn send(client: &Client, message: P) -> SendFuture<P::Result>;
}

#[diagnostic::do_not_recommend]
impl<M: MessagePattern> Sendable<M> for MessageKind {
    fn send(client: &Client, message: M) -> SendFuture<M::Result> {
        client.send_typed(message)
    }
}

/// Only for the compiler, which then reports [`NoStream`] and nothing else.
#[diagnostic::do_not_recommend]
impl<S: StreamPattern> Sendable<S> for StreamKind {
    fn send(_: &Client, _: S) -> SendFuture<S::Result> {
        let message = "a stream is not sent: use `client.stream`".to_owned();
        SendFuture::refused(route_of::<S>(), Refusal::Invalid { message })
    }
}

/// A kind of pattern that is no stream: that of messages, and that of events.
#[diagnostic::on_unimplemented(
    message = "`{P}` is a stream pattern: its response is a stream of items; use `client.stream`",
    label = "a stream's items are read one by one"
)]
pub trait NoStream<P: Pattern> {}

#[diagnostic::do_not_recommend]
impl<M: MessagePattern> NoStream<M> for MessageKind {}

#[diagnostic::do_not_recommend]
impl<E: EventPattern> NoStream<E> for EventKind {}

/// A kind of pattern whose response is a stream.
#[diagnostic::on_unimplemented(
    message = "`{P}` is no stream pattern: a message has one response, use `client.send`; an event has none, use `client.emit`",
    label = "not a stream pattern"
)]
pub trait Streamable<P: Pattern> {
    #[doc(hidden)]
    fn stream(client: &Client, message: P) -> P::Result;
}

#[diagnostic::do_not_recommend]
impl<S: StreamPattern> Streamable<S> for StreamKind {
    fn stream(client: &Client, message: S) -> S::Result {
        client.stream_typed(message)
    }
}

/// A kind of pattern that can be emitted: that of events.
#[diagnostic::on_unimplemented(
    message = "`{P}` is a message pattern: its sender waits for a response; use `client.send`",
    label = "a message has a response that nobody would see"
)]
pub trait Emittable<P: Pattern> {
    #[doc(hidden)]
    fn emit(client: &Client, event: P);
    #[doc(hidden)]
    fn emit_confirmed(client: &Client, event: P) -> EmitConfirmed;
}

#[diagnostic::do_not_recommend]
impl<E: EventPattern> Emittable<E> for EventKind {
    fn emit(client: &Client, event: E) {
        client.broadcast(client.envelope(event), E::INTERNAL);
    }

    fn emit_confirmed(client: &Client, event: E) -> EmitConfirmed {
        EmitConfirmed::new(client.core.as_ref().map(Arc::clone), client.envelope(event), E::INTERNAL)
    }
}

/// Only for the compiler, which then reports [`NoStream`] and nothing else.
#[diagnostic::do_not_recommend]
impl<S: StreamPattern> Emittable<S> for StreamKind {
    fn emit(_: &Client, event: S) {
        drop(event);
    }

    fn emit_confirmed(client: &Client, event: S) -> EmitConfirmed {
        drop(event);
        let nothing = Envelope::new(client.metadata(route_of::<S>()), serde_json::Value::Null);
        EmitConfirmed::new(None, Arc::new(nothing), true)
    }
}
