//! What code uses to send messages and emit events.

mod by_hand;
mod confirmed;
mod core;
mod dispatch;
mod json;
mod kinds;
mod requested;
mod sending;
mod translated;

use std::sync::Arc;

use actix::{Actor, Context, Message};
use serde_json::Value;

pub use confirmed::EmitConfirmed;
pub(crate) use core::{Core, Intake, Parts};
pub(crate) use json::JsonResult;
pub use kinds::{Emittable, NoStream, Sendable, Streamable};
pub use sending::SendFuture;

use crate::event::{Envelope, SharedEvent};
use crate::metadata::{Headers, Id, Metadata};
use crate::pattern::{MessagePattern, Pattern, Route, StreamPattern, check};
use crate::peer::{EventPeer, Outgoing, Peer};
use crate::routes::{Destination, route_of};
use crate::scope;
use crate::stream::ItemStream;
use crate::supervisor::{Call, Pending, Refusal, StreamCall};
use dispatch::Dispatch;
use json::JsonRequest;
use requested::{refused, requested};
use translated::{Translated, payload};

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
    /// None in a detached client, and in that of a peer.
    core: Option<Arc<Core>>,
    /// Where everything goes, whatever the node has.
    peer: Option<Arc<dyn EventPeer>>,
    headers: Option<Arc<Headers>>,
    correlation: Option<Id>,
}

impl Client {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core: Some(core), ..Self::default() }
    }

    /// A client of one remote peer.
    #[cfg(feature = "tcp")]
    pub(crate) fn of_peer(peer: Arc<dyn EventPeer>) -> Self {
        Self { peer: Some(peer), ..Self::default() }
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
    /// handler's typed result; dropping it takes the request back. An idle service on the node's own thread, if that is
    /// the sender's, is run by that first poll: see [`SendFuture`]. A service that has another Rust type on the message's
    /// route is reached through JSON, and validates it.
    ///
    /// # Errors
    ///
    /// The future's output: [`RequestError`](crate::RequestError).
    pub fn send<P>(&self, message: P) -> SendFuture<P::Result>
    where
        // `Pattern` implies it; said twice, so that what is no pattern is one error and not two.
        P: Pattern + Message,
        P::Kind: Sendable<P>,
        P::Kind: NoStream<P>,
    {
        <P::Kind as Sendable<P>>::send(self, message)
    }

    /// Emits an event to all who subscribe to it. It never waits and never fails: what a subscriber cannot take or
    /// handle becomes a dead letter.
    pub fn emit<P: Pattern>(&self, event: P)
    where
        P::Kind: Emittable<P>,
        P::Kind: NoStream<P>,
    {
        <P::Kind as Emittable<P>>::emit(self, event);
    }

    /// Emits an event and resolves when the lane of every subscriber has taken it, or fails after a finite time
    /// (5 s unless the node's builder or [`timeout`](EmitConfirmed::timeout) says otherwise). A failure belongs to
    /// the caller: it is not also a dead letter.
    pub fn emit_confirmed<P: Pattern>(&self, event: P) -> EmitConfirmed
    where
        P::Kind: Emittable<P>,
        P::Kind: NoStream<P>,
    {
        <P::Kind as Emittable<P>>::emit_confirmed(self, event)
    }

    /// Asks for a stream. It is asked for at the first poll of the returned stream, whose items are what the handler
    /// makes, as fast as they are read; it ends after the first `Err`. Dropping it drops the handler's stream.
    ///
    /// # Errors
    ///
    /// The last item: [`RequestError`](crate::RequestError).
    pub fn stream<P>(&self, message: P) -> P::Result
    where
        P: Pattern + Message,
        P::Kind: Streamable<P>,
    {
        <P::Kind as Streamable<P>>::stream(self, message)
    }

    /// Sends a message whose pattern and payload are known only now. The payload is validated as one that comes from
    /// outside the process; a pattern that is none is [`Invalid`](crate::RequestError::Invalid) too. Of a stream it
    /// is the first value.
    pub fn send_json(&self, pattern: impl Into<Value>, payload: impl Into<Value>) -> SendFuture<JsonResult> {
        let (pattern, payload) = (pattern.into(), payload.into());
        let route = Route::of(&pattern);
        if let Some(peer) = self
            .peer_for(&route, false)
            .or_else(|| self.fallback(&route, false).filter(|_| check(&pattern).is_ok()))
        {
            let request = JsonRequest::new(self.metadata(route), &pattern, payload, false);
            return self.send_to(peer, Arc::new(request));
        }
        match self.erased(&pattern, &route, &payload.to_string()) {
            Ok((dispatch, call)) => SendFuture::new(dispatch, Arc::new(call)),
            Err(refusal) => SendFuture::refused(route, refusal),
        }
    }

    /// Asks for a stream whose pattern and payload are known only now, as [`send_json`](Self::send_json) does for a
    /// message, whose response is a stream of one item.
    pub fn stream_json(
        &self,
        pattern: impl Into<Value>,
        payload: impl Into<Value>,
    ) -> ItemStream<Value, Value> {
        let (pattern, payload) = (pattern.into(), payload.into());
        let route = Route::of(&pattern);
        if let Some(peer) = self
            .peer_for(&route, false)
            .or_else(|| self.fallback(&route, false).filter(|_| check(&pattern).is_ok()))
        {
            let request = Arc::new(JsonRequest::new(self.metadata(route.clone()), &pattern, payload, true));
            let dispatch = Dispatch::remote(self.core.as_ref(), peer, Arc::clone(&request) as _);
            return requested(route, dispatch, request);
        }
        match self.erased(&pattern, &route, &payload.to_string()) {
            Ok((dispatch, call)) => requested(route, dispatch, Arc::new(call)),
            Err(refusal) => refused(route, refusal),
        }
    }

    /// Emits an event whose pattern and payload are known only now. Each subscriber reads it into its own type and
    /// validates it; where it does not fit, it is a dead letter of that subscriber. On a pattern that is none (an empty
    /// one, one with white space or a wildcard, one of the node's own that begin with `$`) the event reaches nobody
    /// and is a dead letter with reason `invalid`.
    pub fn emit_json(&self, pattern: impl Into<Value>, payload: impl Into<Value>) {
        let pattern = pattern.into();
        let metadata = self.metadata(Route::of(&pattern));
        let event: SharedEvent = Arc::new(Envelope::foreign(metadata, Some(&payload.into().to_string())));
        match (check(&pattern), &self.core) {
            (Err(problem), Some(core)) => core.bury_invalid(&event, problem),
            (_, core) => {
                let internal = core.as_ref().is_some_and(|core| core.keeps(event.metadata().route()));
                self.broadcast(event, internal);
            }
        }
    }

    /// The metadata of something that is sent now.
    #[inline(always)]
    pub(crate) fn metadata(&self, route: Route) -> Metadata {
        let (correlation, causation) =
            if scope::is_idle() { (self.correlation.clone(), None) } else { self.inherited() };
        Metadata::new(route, self.headers.clone(), correlation, causation)
    }

    /// The correlation and the causation of something that is sent now, if a handler is running.
    #[inline(never)]
    fn inherited(&self) -> (Option<Id>, Option<Id>) {
        scope::in_hand(|cause| {
            let correlation = self.correlation.as_ref().or_else(|| Some(cause?.correlation_id()));
            (correlation.cloned(), cause.map(|cause| cause.id().clone()))
        })
    }

    fn send_typed<M>(&self, message: M) -> SendFuture<M::Result>
    where
        M: MessagePattern,
        M::Result: Send,
    {
        let route = route_of::<M>();
        if let Some(peer) = self.peer_for(&route, M::INTERNAL) {
            return self.send_to(peer, Arc::new(Call::new(self.metadata(route), message)));
        }
        if let Some((core, destination)) = self.typed::<M>() {
            let call = Arc::new(Call::new(self.metadata(route), message));
            return SendFuture::new(Dispatch::local(core, destination), call);
        }
        if let Some(peer) = self.fallback(&route, M::INTERNAL) {
            return self.send_to(peer, Arc::new(Call::new(self.metadata(route), message)));
        }
        match self.translated(&route, &message) {
            Ok((dispatch, call)) => SendFuture::new(dispatch, Arc::new(call)),
            Err(refusal) => SendFuture::refused(route, refusal),
        }
    }

    fn stream_typed<S: StreamPattern>(&self, message: S) -> ItemStream<S::Item, S::Error> {
        let route = route_of::<S>();
        if let Some(peer) = self.peer_for(&route, S::INTERNAL) {
            return self.stream_from(peer, route, message);
        }
        if let Some((core, destination)) = self.typed::<S>() {
            let call = Arc::new(StreamCall::new(self.metadata(route.clone()), message));
            return requested(route, Dispatch::local(core, destination), call);
        }
        if let Some(peer) = self.fallback(&route, S::INTERNAL) {
            return self.stream_from(peer, route, message);
        }
        match self.translated(&route, &message) {
            Ok((dispatch, call)) => requested(route, dispatch, Arc::new(call)),
            Err(refusal) => refused(route, refusal),
        }
    }

    /// The peer that answers a route, if it is not this node.
    #[inline]
    fn peer_for(&self, route: &Route, internal: bool) -> Option<Arc<dyn Peer>> {
        match &self.peer {
            Some(peer) => Some(Arc::clone(peer) as _),
            None => self.core.as_ref()?.routes.remote(route, internal).map(Arc::clone),
        }
    }

    /// The peer that answers what no service of this node does.
    fn fallback(&self, route: &Route, internal: bool) -> Option<Arc<dyn Peer>> {
        self.core.as_ref()?.routes.fallback(route, internal).map(Arc::clone)
    }

    fn stream_from<S: StreamPattern>(
        &self,
        peer: Arc<dyn Peer>,
        route: Route,
        message: S,
    ) -> ItemStream<S::Item, S::Error> {
        let call = Arc::new(StreamCall::new(self.metadata(route.clone()), message));
        let dispatch = Dispatch::remote(self.core.as_ref(), peer, Arc::clone(&call) as _);
        requested(route, dispatch, call)
    }

    fn send_to<R, C>(&self, peer: Arc<dyn Peer>, call: Arc<C>) -> SendFuture<R>
    where
        C: Pending<R> + Outgoing,
    {
        let dispatch = Dispatch::remote(self.core.as_ref(), peer, Arc::clone(&call) as _);
        SendFuture::new(dispatch, call)
    }

    /// The service that has `P` in its own type.
    fn typed<P: Pattern>(&self) -> Option<(&Arc<Core>, &Destination)> {
        let core = self.core.as_ref()?;
        Some((core, core.routes.typed::<P>()?))
    }

    /// A request to a service that has another type on the route.
    fn translated<P: Pattern>(&self, route: &Route, message: &P) -> Result<(Dispatch, Translated), Refusal> {
        let core = self.core.as_ref().ok_or_else(detached)?;
        let destination = core.routes.by_route(route.as_str()).ok_or(Refusal::NoHandler)?;
        self.through_json(core, destination, route, &payload(message)?)
    }

    /// A request whose type is known to nobody here.
    fn erased(
        &self,
        pattern: &Value,
        route: &Route,
        payload: &str,
    ) -> Result<(Dispatch, Translated), Refusal> {
        let core = self.core.as_ref().ok_or_else(detached)?;
        let Some(destination) = core.routes.by_route(route.as_str()) else {
            check(pattern).map_err(|message| Refusal::Invalid { message })?;
            return Err(Refusal::NoHandler);
        };
        self.through_json(core, destination, route, payload)
    }

    fn through_json(
        &self,
        core: &Arc<Core>,
        destination: &Destination,
        route: &Route,
        payload: &str,
    ) -> Result<(Dispatch, Translated), Refusal> {
        let call = (destination.erase)(self.metadata(route.clone()), Some(payload))?;
        Ok((Dispatch::local(core, destination), Translated::new(call)))
    }

    fn envelope<E: crate::pattern::EventPattern>(&self, event: E) -> SharedEvent {
        Arc::new(Envelope::new(self.metadata(route_of::<E>()), event))
    }

    fn broadcast(&self, event: SharedEvent, internal: bool) {
        if let Some(peer) = &self.peer {
            if let Err(reason) = peer.emit(&event) {
                tracing::warn!(
                    pattern = event.metadata().route().as_str(),
                    peer = peer.name(),
                    reason,
                    "an event could not be sent and is lost",
                );
            }
            return;
        }
        match &self.core {
            Some(core) => core.broadcast(event, internal),
            None => tracing::debug!(
                pattern = event.metadata().route().as_str(),
                "an event was emitted by a client without a node and goes nowhere",
            ),
        }
    }
}

/// Why a client without a node sends nothing.
fn detached() -> Refusal {
    Refusal::Unavailable { reason: "the client belongs to no node".to_owned() }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("node", &self.core.as_ref().map(|core| &core.name))
            .field("peer", &self.peer.as_ref().map(|peer| peer.name()))
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
