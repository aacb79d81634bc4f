//! Which kind of pattern goes which way. The wrong way does not compile, and these traits say what to write; the
//! compiler is told not to add a list of what else implements them.

use std::sync::Arc;

use super::{Client, EmitConfirmed, SendFuture};
use crate::pattern::{
    EventKind, EventPattern, MessageKind, MessagePattern, Pattern, StreamKind, StreamPattern,
};

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
        client.broadcast(client.envelope(event));
    }

    fn emit_confirmed(client: &Client, event: E) -> EmitConfirmed {
        EmitConfirmed::new(client.core.as_ref().map(Arc::clone), client.envelope(event))
    }
}
