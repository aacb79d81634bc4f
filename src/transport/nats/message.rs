//! Events and requests as NATS messages: the body is NestJS's packet, the headers are the metadata and, of an event,
//! its CloudEvents attributes.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use async_nats::{HeaderMap, HeaderName, HeaderValue, Subject};
use bytes::Bytes;
use serde_json::value::RawValue;

use super::cloud_event::{self, SPEC_VERSION};
use super::subject::subject_of;
use crate::dead_letter::Reason;
use crate::event::{Envelope, SharedEvent};
use crate::metadata::{Headers, Metadata};
use crate::pattern::Route;
use crate::transport::metadata::{CAUSATION_ID, CORRELATION_ID, MESSAGE_ID, is_id, take_id};
use crate::wire::{self, Incoming};

/// Why an event cannot be sent, ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsendable {
    /// That of its dead letter.
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

/// An event as a message.
///
/// # Errors
///
/// If its route is no subject, its payload cannot be serialised, or one of its headers is none of NATS's.
pub(crate) fn encode(event: &SharedEvent, node: &str) -> Result<(Subject, HeaderMap, Bytes), Unsendable> {
    let metadata = event.metadata();
    let subject =
        subject_of(metadata.route()).map_err(|message| Unsendable { reason: Reason::Invalid, message })?;
    let unsendable = |message| Unsendable { reason: Reason::Encode, message };
    let payload =
        event.json().map_err(|error| unsendable(format!("the payload cannot be serialised: {error}")))?;
    let mut headers = HeaderMap::new();
    add_metadata(&mut headers, metadata).map_err(unsendable)?;
    cloud_event::add(&mut headers, metadata, node);
    let route = metadata.route().as_str();
    let mut body = Vec::with_capacity(route.len() + payload.len() + 24);
    body.extend_from_slice(br#"{"pattern":"#);
    // A string always serialises, and a `Vec` takes all.
    let _ = serde_json::to_writer(&mut body, route);
    if !event.is_absent() {
        body.extend_from_slice(br#","data":"#);
        body.extend_from_slice(payload.as_bytes());
    }
    body.push(b'}');
    Ok((subject, headers, body.into()))
}

/// Adds ids and the sender's headers. The correlation id goes out if it is inherited: else it is the message's own.
///
/// # Errors
///
/// If a header's name or value is none of NATS's.
pub(crate) fn add_metadata(headers: &mut HeaderMap, metadata: &Metadata) -> Result<(), String> {
    let ids = [
        (MESSAGE_ID, Some(metadata.id())),
        (CORRELATION_ID, metadata.inherited_correlation()),
        (CAUSATION_ID, metadata.causation_id()),
    ];
    for (name, id) in ids {
        if let Some(id) = id {
            headers.insert(HeaderName::from_static(name), value_of(name, &id.to_string())?);
        }
    }
    for (name, value) in metadata.headers() {
        if !is_id(name) && !cloud_event::is_made(name) && !is_nats_own(name) {
            match name.strip_prefix("ce-") {
                Some(_) => add(headers, name, &cloud_event::encode(value))?,
                None => add(headers, name, value)?,
            }
        }
    }
    Ok(())
}

fn add(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), String> {
    let key = HeaderName::from_str(name).map_err(|_| {
        format!("{name:?} is no header's name to NATS: printable ASCII without spaces and colons is")
    })?;
    headers.insert(key, value_of(name, value)?);
    Ok(())
}

fn value_of(name: &str, value: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(value)
        .map_err(|_| format!("the header `{name}` holds a line break, which a NATS header cannot"))
}

/// Whether a header is one of the server's.
fn is_nats_own(name: &str) -> bool {
    name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("nats-"))
}

/// A message that is no event.
#[derive(Debug)]
pub(crate) enum Misfit {
    /// It is a request: its sender waits for a response.
    Request,
    /// It is no JSON. The event holds its text, as a JSON string, so that nothing is lost.
    Unreadable { event: SharedEvent, problem: String },
}

/// The event that a message is. Its route is the subject; a body that is no packet of NestJS's is the payload itself, an
/// empty one is none.
///
/// # Errors
///
/// If it is none.
pub(crate) fn decode(message: &async_nats::Message) -> Result<SharedEvent, Misfit> {
    let route = Route::from(message.subject.as_str());
    let mut headers = message.headers.as_ref().map(readable).unwrap_or_default();
    let text = readable_text(&message.payload);
    let body = wire::mend(&text);
    match read(&body, &route, &mut headers) {
        Ok(Body::Request) => Err(Misfit::Request),
        Ok(Body::Event(data)) => Ok(Arc::new(Envelope::foreign(metadata(route, headers), data))),
        Err(problem) => {
            let kept = serde_json::Value::String(text.into_owned()).to_string();
            let event = Arc::new(Envelope::foreign(metadata(route, headers), Some(&kept)));
            Err(Misfit::Unreadable { event, problem })
        }
    }
}

enum Body<'a> {
    Event(Option<&'a str>),
    Request,
}

fn read<'a>(body: &'a str, route: &Route, headers: &mut Headers) -> Result<Body<'a>, String> {
    if body.is_empty() {
        return Ok(Body::Event(None));
    }
    let packet = Incoming::read(body).map_err(|error| format!("a message that is no JSON: {error}"))?;
    if headers.get("content-type").is_some_and(|it| cloud_event::is_structured(it)) {
        wire::read_object(body, |name, value| {
            if let Some((name, value)) = cloud_event::attribute(name, value) {
                headers.insert(name, value);
            }
        })
        .map_err(|error| error.to_string())?;
        return Ok(Body::Event(packet.data.map(RawValue::get)));
    }
    let is_packet = if headers.contains_key(SPEC_VERSION) {
        // Any object may be the data of a CloudEvent: a packet says the route.
        packet.pattern.is_some_and(|it| wire::lookup(it, |it| (it == route.as_str()).then_some(())).is_some())
    } else {
        // As NestJS tells foreign values.
        packet.pattern.is_some() || packet.data.is_some()
    };
    if !is_packet {
        return Ok(Body::Event(Some(body.trim())));
    }
    if packet.id.is_some() && packet.pattern.is_some() {
        return Ok(Body::Request);
    }
    merge(headers, &packet);
    Ok(Body::Event(packet.data.map(RawValue::get)))
}

/// Adds a packet's own metadata, as NestJS 12 may send it; headers of the message come first.
fn merge(headers: &mut Headers, packet: &Incoming<'_>) {
    if packet.metadata.is_some() {
        for (name, value) in packet.headers() {
            headers.entry(name).or_insert(value);
        }
    }
}

/// The metadata of a request. What says nothing needs none of its own.
pub(super) fn request_metadata(route: Route, headers: Option<&HeaderMap>, packet: &Incoming<'_>) -> Metadata {
    if headers.is_none_or(HeaderMap::is_empty) && packet.metadata.is_none() {
        return Metadata::new(route, None, None, None);
    }
    let mut headers = headers.map(readable).unwrap_or_default();
    merge(&mut headers, packet);
    metadata(route, headers)
}

/// The headers of a message that are no server's; of one that comes twice the first counts.
fn readable(headers: &HeaderMap) -> Headers {
    let named = headers.iter().filter_map(|(name, values)| {
        let name: &str = name.as_ref();
        let value = values.first()?.as_str();
        (!is_nats_own(name)).then(|| (name.to_owned(), value.to_owned()))
    });
    named.collect()
}

fn metadata(route: Route, mut headers: Headers) -> Metadata {
    let own = take_id(&mut headers, MESSAGE_ID);
    let attributes = match headers.contains_key(SPEC_VERSION) {
        true => cloud_event::take(&mut headers, own.is_none()),
        false => cloud_event::Attributes::default(),
    };
    let id = own.or(attributes.id).unwrap_or_default();
    let correlation = take_id(&mut headers, CORRELATION_ID).or(attributes.correlation_id);
    let causation = take_id(&mut headers, CAUSATION_ID).or(attributes.causation_id);
    let emitted_at = attributes.time.unwrap_or_else(SystemTime::now);
    Metadata::restored(route, id, emitted_at, headers, correlation, causation)
}

/// The body of a request as it came, for who reads it in place.
pub(super) fn text(payload: &[u8]) -> Cow<'_, str> {
    match readable_text(payload) {
        Cow::Borrowed(text) => wire::mend(text),
        Cow::Owned(text) => Cow::Owned(wire::mend(&text).into_owned()),
    }
}

/// Bytes as text, with replacement characters for what is none.
fn readable_text(bytes: &[u8]) -> Cow<'_, str> {
    // By far the faster way to know that it is text.
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

#[cfg(test)]
mod tests;
