//! What a frame asks for, and how it is answered.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::Shared;
use crate::erased::{Erased, Part, Shape};
use crate::event::{Envelope, SharedEvent};
use crate::metadata::Metadata;
use crate::pattern::Route;
use crate::routes::Destination;
use crate::supervisor::{Deadline, QueuedCall, Refusal};
use crate::transport::metadata::from_headers;
use crate::transport::refusal;
use crate::transport::replies::{Answered, Replies};
use crate::wire::{self, Incoming, PacketError, plain_frame};

/// What a frame needs to be taken.
pub(super) struct Desk<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) replies: &'a mut Replies<Box<str>>,
    pub(super) out: &'a mut Vec<u8>,
    pub(super) peer: SocketAddr,
    /// The peer waits for no answers any more.
    pub(super) gone: bool,
    /// A frame that means nothing has been logged.
    pub(super) odd: &'a mut bool,
}

/// What has become of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Done,
    /// It is an event, and the registry is behind. Nothing was done with it.
    NotItsTurn,
}

/// Takes a frame; `may_emit` is asked before an event is handed on.
///
/// # Errors
///
/// If it is no JSON.
pub(super) fn take(
    frame: &str,
    desk: &mut Desk<'_>,
    may_emit: impl FnOnce() -> bool,
) -> Result<Taken, PacketError> {
    let frame = wire::mend(frame);
    let packet = Incoming::read(&frame)?;
    match (packet.id, packet.pattern) {
        (Some(_), _) if desk.gone => {}
        (Some(id), Some(pattern)) => request(&packet, id, pattern, frame.len(), desk),
        (Some(id), None) => no_handler(desk.out, id.get()),
        (None, Some(pattern)) if may_emit() => event(&packet, pattern, desk),
        (None, Some(_)) => return Ok(Taken::NotItsTurn),
        (None, None) => {
            // Once a connection: such frames are small, and there may be many.
            if !std::mem::replace(desk.odd, true) {
                tracing::warn!(peer = %desk.peer, "a frame has neither an id nor a pattern: it was passed over");
            }
        }
    }
    Ok(Taken::Done)
}

fn request(packet: &Incoming<'_>, id: &RawValue, pattern: &RawValue, bytes: usize, desk: &mut Desk<'_>) {
    let core = &desk.shared.core;
    let found = wire::lookup(pattern, |route| core.routes.served(route));
    let Some((route, destination)) = found else {
        tracing::debug!(peer = %desk.peer, pattern = pattern.get(), "no service handles a request");
        return no_handler(desk.out, id.get());
    };
    match send(packet, route, destination, desk.shared) {
        Ok(call) => desk.replies.insert(id.get().into(), call, Arc::clone(&destination.inbox), bytes),
        Err(refusal) => refuse(desk.out, id.get(), route, &refusal, desk.shared, desk.peer),
    }
}

fn send(
    packet: &Incoming<'_>,
    route: &Route,
    destination: &Destination,
    shared: &Shared,
) -> Result<Arc<dyn Erased>, Refusal> {
    let core = &shared.core;
    if !core.admits() {
        return Err(Refusal::Unavailable { reason: core.closed() });
    }
    let call = (destination.erase)(metadata(packet, route.clone()), packet.data.map(RawValue::get))?;
    let deadline = match shared.limits.request_timeout {
        Some(after) => Deadline::after(after),
        None => Deadline::default_of(core.request_timeout),
    };
    destination.inbox.request(QueuedCall {
        handler: destination.handler,
        call: Arc::clone(&call) as _,
        deadline,
        after: shared.request_timeout(),
    })?;
    Ok(call)
}

fn event(packet: &Incoming<'_>, pattern: &RawValue, desk: &Desk<'_>) {
    let core = &desk.shared.core;
    let (route, problem) = match wire::event_route(pattern) {
        Ok(route) if core.is_internal(&route) => {
            let problem = format!("`{route}` is internal: it is not taken from outside the process");
            (route, Some(problem))
        }
        Ok(route) => (route, None),
        Err(problem) => (Route::from(pattern.get()), Some(problem)),
    };
    let data = packet.data.map(RawValue::get);
    let event: SharedEvent = Arc::new(Envelope::foreign(metadata(packet, route), data));
    match problem {
        Some(problem) => core.bury_invalid(&event, problem),
        None => core.broadcast(event, false),
    }
}

fn metadata(packet: &Incoming<'_>, route: Route) -> Metadata {
    match packet.metadata {
        None => Metadata::new(route, None, None, None),
        Some(_) => from_headers(route, packet.headers()),
    }
}

/// Writes down a part of an answer, whose JSON is `json`.
pub(super) fn reply(
    out: &mut Vec<u8>,
    json: &[u8],
    answered: Answered<'_, Box<str>>,
    shared: &Shared,
    peer: SocketAddr,
) {
    let Answered { to: id, part, call, .. } = answered;
    // What serde_json has written is UTF-8.
    let json = std::str::from_utf8(json).unwrap_or("null");
    let value = |shape| (shape == Shape::Value).then_some(json);
    match part {
        Part::Item(shape) => plain_frame(out, |out| wire::reply_value(out, id, value(shape), false)),
        Part::Last(shape) => plain_frame(out, |out| wire::reply_value(out, id, value(shape), true)),
        Part::End => plain_frame(out, |out| wire::reply_end(out, id)),
        Part::Error => plain_frame(out, |out| wire::reply_error(out, id, json)),
        Part::Refused(refusal) => refuse(out, id, call.metadata().route(), &refusal, shared, peer),
    }
}

/// Says why there is no response.
fn refuse(out: &mut Vec<u8>, id: &str, route: &Route, refusal: &Refusal, shared: &Shared, peer: SocketAddr) {
    match refusal::said(route, refusal) {
        None => no_handler(out, id),
        Some(said) => {
            refusal::log(route, refusal, shared.request_timeout(), &peer);
            plain_frame(out, |out| wire::reply_failure(out, id, &said));
        }
    }
}

fn no_handler(out: &mut Vec<u8>, id: &str) {
    plain_frame(out, |out| wire::reply_no_handler(out, id));
}
