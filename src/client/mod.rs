//! What code uses to send messages and emit events.

mod confirmed;
mod core;
mod kinds;
mod sending;
mod translated;

use std::sync::Arc;

use actix::{Actor, Context, Message};
use serde_json::Value;

pub use confirmed::EmitConfirmed;
pub(crate) use core::{Core, Intake};
pub use kinds::{Emittable, Sendable};
pub use sending::SendFuture;

use crate::event::{Envelope, SharedEvent};
use crate::metadata::{Headers, Id, Metadata};
use crate::pattern::{Pattern, Route, check};
use crate::routes::{JsonResult, route_of};
use crate::scope;
use crate::supervisor::{Call, Pending, Refusal};
use translated::translate;

/// Sends messages and emits events. Cheap to clone, and it works from any thread and any runtime.
///
/// What is sent inside a handler inherits the correlation id of the message or event in hand, in synchronous and
/// asynchronous handlers alike, wherever the client was kept meanwhile.
///
/// ```
/// # use nestling::prelude::*;
/// # #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
/// # #[event_pattern("order.created")]
/// # struct OrderCreated { order_id: u64 }
/// # fn example(client: &Client) {
/// client.emit(OrderCreated { order_id: 17 });
/// client.header("tenant", "acme").emit(OrderCreated { order_id: 18 });
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Client {
    /// None in a detached client.
    core: Option<Arc<Core>>,
    headers: Option<Arc<Headers>>,
    correlation: Option<Id>,
}

impl Client {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core: Some(core), headers: None, correlation: None }
    }

    /// A client of no node: its requests are [`Unavailable`](crate::RequestError::Unavailable) and its events go
    /// nowhere, so that actors can be tested alone.
    #[must_use]
    pub fn detached() -> Self {
        Self::default()
    }

    /// The client of the node whose service is being polled on this thread; else a detached one.
    #[must_use]
    pub(crate) fn current() -> Self {
        scope::node(|node| node.and_then(|node| Arc::clone(node).downcast::<Core>().ok()).map(Self::new))
            .unwrap_or_default()
    }

    /// A client whose messages and events carry one more header.
    #[must_use]
    pub fn header(&self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let mut client = self.clone();
        let headers = client.headers.get_or_insert_default();
        Arc::make_mut(headers).insert(name.into(), value.into());
        client
    }

    /// A client whose messages and events carry this correlation id, whatever is in hand.
    #[must_use]
    pub fn correlation(&self, id: impl Into<Id>) -> Self {
        Self { correlation: Some(id.into()), ..self.clone() }
    }

    /// Sends a message to the one service that handles it. The future sends it at its first poll and resolves to the
    /// handler's typed result; dropping it takes the request back. A service that has another Rust type on the
    /// message's route is reached through JSON, and validates it.
    ///
    /// # Errors
    ///
    /// The future's output: [`RequestError`](crate::RequestError).
    pub fn send<P>(&self, message: P) -> SendFuture<P::Result>
    where
        // `Pattern` implies it; said twice, so that what is no pattern is one error and not two.
        P: Pattern + Message,
        P::Kind: Sendable<P>,
    {
        <P::Kind as Sendable<P>>::send(self, message)
    }

    /// Emits an event to all who subscribe to it. It never waits and never fails: what a subscriber cannot take or
    /// handle becomes a dead letter.
    pub fn emit<P: Pattern>(&self, event: P)
    where
        P::Kind: Emittable<P>,
    {
        <P::Kind as Emittable<P>>::emit(self, event);
    }

    /// Emits an event and resolves when the lane of every subscriber has taken it, or fails after a finite time
    /// (5 s unless the node's builder or [`timeout`](EmitConfirmed::timeout) says otherwise). A failure belongs to
    /// the caller: it is not also a dead letter.
    pub fn emit_confirmed<P: Pattern>(&self, event: P) -> EmitConfirmed
    where
        P::Kind: Emittable<P>,
    {
        <P::Kind as Emittable<P>>::emit_confirmed(self, event)
    }

    /// Sends a message whose pattern and payload are known only now. The payload is validated as one that comes from
    /// outside the process; a pattern that is none is [`Invalid`](crate::RequestError::Invalid) too.
    pub fn send_json(&self, pattern: impl Into<Value>, payload: impl Into<Value>) -> SendFuture<JsonResult> {
        let pattern = pattern.into();
        let route = Route::of(&pattern);
        let Some(core) = &self.core else { return SendFuture::detached(route) };
        let Some(destination) = core.routes.by_route(&route) else {
            return match check(&pattern) {
                Ok(()) => SendFuture::no_handler(route),
                Err(message) => SendFuture::refused(route, Refusal::Invalid { message }),
            };
        };
        match (destination.from_json)(self.metadata(route.clone()), payload.into()) {
            Ok(call) => SendFuture::new(core, destination, call),
            Err(refusal) => SendFuture::refused(route, refusal),
        }
    }

    /// Emits an event whose pattern and payload are known only now. Each subscriber reads it into its own type and
    /// validates it; where it does not fit, it is a dead letter of that subscriber. On a pattern that is none (an empty
    /// one, one with white space or a wildcard, one of the node's own that begin with `$`) the event reaches nobody
    /// and is a dead letter with reason `invalid`.
    pub fn emit_json(&self, pattern: impl Into<Value>, payload: impl Into<Value>) {
        let pattern = pattern.into();
        let metadata = self.metadata(Route::of(&pattern));
        let event: SharedEvent = Arc::new(Envelope::<Value>::new(metadata, payload.into()));
        match (check(&pattern), &self.core) {
            (Err(problem), Some(core)) => core.bury_invalid(&event, problem),
            _ => self.broadcast(event),
        }
    }

    /// The metadata of something that is sent now.
    #[inline]
    fn metadata(&self, route: Route) -> Metadata {
        scope::in_hand(|cause| {
            let correlation = match (&self.correlation, cause) {
                (Some(own), _) => Some(own.clone()),
                (None, cause) => cause.map(|cause| cause.correlation_id().clone()),
            };
            let causation = cause.map(|cause| cause.id().clone());
            Metadata::new(route, self.headers.clone(), correlation, causation)
        })
    }

    fn send_typed<M>(&self, message: M) -> SendFuture<M::Result>
    where
        M: crate::pattern::MessagePattern,
        M::Result: Send,
    {
        let route = route_of::<M>();
        let Some(core) = &self.core else { return SendFuture::detached(route) };
        if let Some(destination) = core.routes.typed::<M>() {
            let call: Arc<dyn Pending<M::Result>> = Arc::new(Call::new(self.metadata(route), message));
            return SendFuture::new(core, destination, call);
        }
        let Some(destination) = core.routes.by_route(&route) else { return SendFuture::no_handler(route) };
        match translate(self.metadata(route.clone()), &message, destination.from_json) {
            Ok(call) => SendFuture::new(core, destination, call),
            Err(refusal) => SendFuture::refused(route, refusal),
        }
    }

    fn envelope<E: crate::pattern::EventPattern>(&self, event: E) -> SharedEvent {
        Arc::new(Envelope::new(self.metadata(route_of::<E>()), event))
    }

    fn broadcast(&self, event: SharedEvent) {
        match &self.core {
            Some(core) => core.broadcast(event),
            None => tracing::debug!(
                pattern = event.metadata().route().as_str(),
                "an event was emitted by a client without a node and goes nowhere",
            ),
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("node", &self.core.as_ref().map(|core| &core.name))
            .field("headers", &self.headers)
            .field("correlation", &self.correlation)
            .finish()
    }
}

/// `ctx.client()`: the client of the node that runs the actor.
pub trait ClientExt {
    /// A client of the node that runs this actor. Outside a node it is a detached one, so that actors can be tested
    /// alone.
    fn client(&self) -> Client;
}

impl<A: Actor<Context = Context<A>>> ClientExt for Context<A> {
    fn client(&self) -> Client {
        Client::current()
    }
}
