//! What a message asks for, and how it is answered.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::message::OutboundMessage;
use async_nats::{Message, Subject};

use super::super::link::Link;
use super::super::message::{request_metadata, text};
use super::Served;
use super::left::{Left, Reader, Word};
use crate::client::Core;
use crate::erased::{Part, Shape};
use crate::supervisor::{Deadline, QueuedCall, Refusal};
use crate::transport::refusal;
use crate::transport::replies::{Answered, Replies};
use crate::wire::{self, Incoming};

/// For how long items of a stream may reach nobody.
const UNHEARD: Duration = Duration::from_secs(1);

/// How often an item says where to say that its reader has gone. It costs the server something.
const NAMED: Duration = Duration::from_millis(100);

/// Whom to answer.
pub(super) struct To {
    /// As it came, JSON text.
    id: Box<str>,
    /// None where nobody listens.
    reply: Option<Subject>,
    served: Arc<Served>,
    since: Instant,
    /// No other request has it.
    number: u64,
    /// When an item of a stream first reached nobody.
    unheard: Cell<Option<Instant>>,
    /// When an item last said where to say that its reader has gone.
    named: Cell<Option<Instant>>,
}

impl To {
    /// Whether a stream ends by what is said of a reader, if that is its own.
    pub(super) fn ends(&self, reader: Reader, word: Word, at_once: &mut Vec<OutboundMessage>) -> bool {
        if self.number != reader.number {
            return false;
        }
        if word == Word::Unheard {
            let first = self.unheard.get().unwrap_or_else(Instant::now);
            self.unheard.set(Some(first));
            if first.elapsed() < UNHEARD {
                return false;
            }
            // Should there be somebody after all, it is told.
            let said = format!("nobody heard the stream of `{}`, and it was ended", self.served.route);
            let told = self.reply.clone();
            at_once.extend(
                told.map(|subject| written(subject, |out| wire::reply_failure(out, &self.id, &said))),
            );
        }
        tracing::debug!(pattern = self.served.route.as_str(), "a stream's reader has gone");
        self.served.count.ended(self.since.elapsed());
        true
    }

    /// Where to say that the reader has gone, every now and then.
    fn may_leave(&self, slot: u32, left: &Left) -> Option<Subject> {
        let now = Instant::now();
        if self.named.get().is_some_and(|named| now - named < NAMED) {
            return None;
        }
        self.named.set(Some(now));
        Some(left.subject(Reader { slot, number: self.number }))
    }
}

/// What a message needs to be taken.
pub(super) struct Desk<'a> {
    pub(super) core: &'a Arc<Core>,
    pub(super) link: &'a Arc<Link>,
    pub(super) replies: &'a mut Replies<To>,
    pub(super) at_once: &'a mut Vec<OutboundMessage>,
    /// How many requests went to their handlers.
    pub(super) taken: &'a mut u64,
    /// As many requests are in flight as may be.
    pub(super) is_full: bool,
}

/// Takes a message. Whose handler it is for is known from its subscription, whatever its pattern says.
pub(super) fn take(message: Message, served: &Arc<Served>, desk: &mut Desk<'_>) {
    let Message { reply, payload, headers, .. } = message;
    let route = &served.route;
    let body = text(&payload);
    let packet = match Incoming::read(&body) {
        Ok(packet) => packet,
        Err(error) => {
            tracing::debug!(pattern = route.as_str(), %error, "a message was no request");
            let said = format!("`{route}`: {error}");
            return desk.say(reply, |out| wire::reply_failure(out, "null", &said));
        }
    };
    let Some(id) = packet.id else {
        // Those who subscribe to events get it by a subscription of their own.
        return tracing::debug!(pattern = route.as_str(), "an event on a message pattern was passed over");
    };
    served.count.taken();
    let metadata = || request_metadata(route.clone(), headers.as_ref(), &packet);
    let data = packet.data.map(serde_json::value::RawValue::get);
    let core = desk.core;
    let destination = core.routes.destination(served.destination);
    let sent = if !core.admits() {
        Err(Refusal::Unavailable { reason: core.closed() })
    } else if desk.is_full {
        let (service, bound) = (core.name.to_string(), desk.link.limits.in_flight);
        Err(Refusal::Overloaded { service, bound })
    } else {
        (destination.erase)(metadata(), data).and_then(|call| {
            let after = core.request_timeout;
            destination.inbox.request(QueuedCall {
                handler: destination.handler,
                call: Arc::clone(&call) as _,
                deadline: Deadline::default_of(after),
                after,
            })?;
            Ok(call)
        })
    };
    match sent {
        Ok(call) => {
            let (served, since) = (Arc::clone(served), Instant::now());
            *desk.taken += 1;
            let (id, number) = (id.get().into(), *desk.taken);
            let to =
                To { id, reply, served, since, number, unheard: Cell::default(), named: Cell::default() };
            desk.replies.insert(to, call, Arc::clone(&destination.inbox), payload.len());
        }
        Err(refusal) => {
            let refused =
                |out: &mut Vec<u8>| refuse(out, id.get(), served, &refusal, core, &desk.link.server);
            desk.say(reply, refused);
        }
    }
}

impl Desk<'_> {
    fn say(&mut self, to: Option<Subject>, write: impl FnOnce(&mut Vec<u8>)) {
        self.at_once.extend(to.map(|subject| written(subject, write)));
    }
}

fn written(subject: Subject, write: impl FnOnce(&mut Vec<u8>)) -> OutboundMessage {
    let mut body = Vec::with_capacity(128);
    write(&mut body);
    OutboundMessage { subject, reply: None, payload: body.into(), headers: None }
}

/// A part of an answer, whose JSON is `json`, as a message if anybody listens; and whether others may follow.
pub(super) fn reply(
    json: &[u8],
    answered: Answered<'_, To>,
    core: &Core,
    link: &Link,
    left: &Left,
) -> (Option<OutboundMessage>, bool) {
    let Answered { to, slot, part, .. } = answered;
    let To { id, reply, served, since, .. } = to;
    let route = &served.route;
    // What serde_json has written is UTF-8.
    let json = std::str::from_utf8(json).unwrap_or("null");
    let value = |shape| (shape == Shape::Value).then_some(json);
    let mut body = Vec::with_capacity(json.len() + id.len() + 48);
    let out = &mut body;
    let is_item = matches!(part, Part::Item(_));
    let may_leave = if is_item { to.may_leave(slot, left) } else { None };
    match part {
        Part::Item(shape) => wire::reply_value(out, id, value(shape), false),
        Part::Last(shape) => wire::reply_value(out, id, value(shape), true),
        Part::End => wire::reply_end(out, id),
        Part::Error => {
            served.count.failed(json);
            wire::reply_error(out, id, json);
        }
        Part::Refused(refusal) => refuse(out, id, served, &refusal, core, &link.server),
    }
    let limit = link.client.max_payload();
    let fits = body.len() <= limit;
    if !fits {
        let pattern = route.as_str();
        tracing::error!(
            pattern,
            bytes = body.len(),
            limit,
            "a reply is larger than the server's `max_payload`"
        );
        let said = format!("the reply of `{route}` has {} bytes, and NATS takes {limit}", body.len());
        served.count.failed(&said);
        body.clear();
        wire::reply_failure(&mut body, id, &said);
    }
    let message = reply.clone().map(|subject| OutboundMessage {
        subject,
        reply: may_leave,
        payload: body.into(),
        headers: None,
    });
    let goes_on = is_item && fits && message.is_some();
    if !goes_on {
        served.count.ended(since.elapsed());
    }
    (message, goes_on)
}

/// Says why there is no response.
fn refuse(out: &mut Vec<u8>, id: &str, served: &Served, refusal: &Refusal, core: &Core, server: &str) {
    match refusal::said(&served.route, refusal) {
        None => wire::reply_no_handler(out, id),
        Some(said) => {
            served.count.failed(&said);
            refusal::log(&served.route, refusal, core.request_timeout, &server);
            wire::reply_failure(out, id, &said);
        }
    }
}
