//! What the tool `nestling` needs of the wire: packets as the user typed them, replies as they came.
//!
//! It goes without [`TcpClient`](crate::TcpClient), which understands what it carries, and so cannot show it verbatim nor
//! send what it would refuse.

use serde_json::Value;
use serde_json::value::RawValue;

use super::{
    EncodeError, FrameError, FrameReader, Incoming, Outcome, PacketError, Reply, event, frame, mend, request,
};
use crate::metadata::Headers;
use crate::pattern::Route;

/// The longest reply that is read, in bytes.
const MAX_FRAME: usize = 256 * 1024 * 1024;

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// The pattern, JSON.
    pub pattern: &'a RawValue,
    /// The payload, JSON.
    pub data: Option<&'a RawValue>,
    /// What rides along.
    pub headers: &'a Headers,
}

/// What cannot be sent, or is no reply.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct WireError(#[from] Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("the packet cannot be written: {0}")]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Packet(#[from] PacketError),
}

impl Packet<'_> {
    /// Appends the frame of a request.
    ///
    /// # Errors
    ///
    /// If its JSON cannot be written.
    pub fn request(&self, out: &mut Vec<u8>, id: u64) -> Result<(), WireError> {
        let id = format!("\"{id}\"");
        frame(out, |out| request(out, self.pattern.get(), self.data, Some(self.headers), &id))
            .map_err(|error| Cause::from(error).into())
    }

    /// Appends the frame of an event.
    ///
    /// # Errors
    ///
    /// If its JSON cannot be written.
    pub fn event(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        frame(out, |out| event(out, self.pattern.get(), self.data, Some(self.headers)))
            .map_err(|error| Cause::from(error).into())
    }

    /// The body of a request, for a transport that has frames and headers of its own.
    ///
    /// # Errors
    ///
    /// If its JSON cannot be written.
    pub fn request_body(&self, id: u64) -> Result<Vec<u8>, WireError> {
        let mut out = Vec::new();
        request(&mut out, self.pattern.get(), self.data, None, &format!("\"{id}\"")).map_err(Cause::from)?;
        Ok(out)
    }

    /// The body of an event, for a transport that has frames and headers of its own.
    ///
    /// # Errors
    ///
    /// If its JSON cannot be written.
    pub fn event_body(&self) -> Result<Vec<u8>, WireError> {
        let mut out = Vec::new();
        event(&mut out, self.pattern.get(), self.data, None).map_err(Cause::from)?;
        Ok(out)
    }
}

/// The route of a pattern: a string as it stands, other JSON with its keys in order.
#[must_use]
pub fn route(pattern: &RawValue) -> String {
    match serde_json::from_str(&mend(pattern.get())) {
        Ok(Value::String(text)) => text,
        Ok(other) => Route::of(&other).as_str().to_owned(),
        Err(_) => pattern.get().to_owned(),
    }
}

/// A part of a response.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A value: JSON, or nothing where JavaScript has `undefined`.
    Value {
        /// The value.
        json: Option<&'a str>,
        /// Whether nothing follows.
        is_last: bool,
    },
    /// Nothing follows.
    End,
    /// The service's error, JSON; nothing follows.
    Error(&'a str),
    /// Nobody handles the pattern; nothing follows.
    NoHandler,
}

impl Part<'_> {
    /// Whether nothing follows.
    #[must_use]
    pub fn is_last(&self) -> bool {
        !matches!(self, Self::Value { is_last: false, .. })
    }
}

/// Reads replies out of a byte stream.
#[derive(Debug)]
pub struct Replies(FrameReader);

impl Default for Replies {
    fn default() -> Self {
        Self(FrameReader::new(MAX_FRAME))
    }
}

impl Replies {
    /// Where to append what has come.
    pub fn space(&mut self) -> &mut Vec<u8> {
        self.0.space()
    }

    /// Gives the next part of a response, with the id of its request, to `take`; false if there is none yet. What is
    /// for nobody is passed over.
    ///
    /// # Errors
    ///
    /// If what has come is no reply.
    pub fn next(&mut self, mut take: impl FnMut(u64, Part<'_>)) -> Result<bool, WireError> {
        let Some(text) = self.0.next().map_err(Cause::from)? else { return Ok(false) };
        let text = mend(text);
        let reply = Reply::read(&text).map_err(Cause::from)?;
        if let Some(id) = reply.id.and_then(number) {
            take(id, part_of(&reply));
        }
        Ok(true)
    }
}

/// Gives the part of a response that is the body of a message to `take`, unless it has the id of another request. As
/// NestJS has it, no body says that there is nobody, an id may be left out, and a foreign body is the value.
///
/// # Errors
///
/// If the body is no JSON.
pub fn read_reply<T>(body: &[u8], id: u64, take: impl FnOnce(Part<'_>) -> T) -> Result<Option<T>, WireError> {
    if body.is_empty() {
        return Ok(Some(take(Part::NoHandler)));
    }
    let text = String::from_utf8_lossy(body);
    let text = mend(&text);
    let reply = Reply::read(&text).map_err(Cause::from)?;
    if reply.id.is_some_and(|it| number(it) != Some(id)) {
        return Ok(None);
    }
    let is_foreign =
        reply.id.is_none() && reply.err.is_none() && reply.response.is_none() && !reply.is_disposed;
    let whole = Part::Value { json: Some(text.trim_ascii()), is_last: true };
    Ok(Some(take(if is_foreign { whole } else { part_of(&reply) })))
}

fn number(id: &RawValue) -> Option<u64> {
    id.get().trim_matches('"').parse().ok()
}

fn part_of<'a>(reply: &Reply<'a>) -> Part<'a> {
    match reply.outcome() {
        Outcome::Value { value, is_last } => Part::Value { json: value.map(RawValue::get), is_last },
        Outcome::End => Part::End,
        Outcome::Error(error) => Part::Error(error.get()),
        Outcome::NoHandler => Part::NoHandler,
    }
}

/// What somebody published: a NestJS packet, or other JSON, or bytes.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// The data, JSON; bytes that are no JSON are a string. An event need not have any.
    pub data: Option<Box<RawValue>>,
    /// The id of a request, JSON; an event has none.
    pub id: Option<Box<RawValue>>,
}

impl Published {
    /// Reads what was published on a subject.
    #[must_use]
    pub fn read(body: &[u8], on: &str) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = mend(&text);
        let Ok(json) = serde_json::from_str::<&RawValue>(&text) else {
            let lossy = (!text.is_empty()).then(|| serde_json::value::to_raw_value(&*text).ok()).flatten();
            return Self { data: lossy, id: None };
        };
        match Incoming::read(&text) {
            // Data may be absent: then the pattern has to be the route, or it is somebody's own `pattern`.
            Ok(Incoming { pattern: Some(pattern), data, id, .. })
                if data.is_some() || route(pattern) == on =>
            {
                Self { data: data.map(RawValue::to_owned), id: id.map(RawValue::to_owned) }
            }
            _ => Self { data: Some(json.to_owned()), id: None },
        }
    }
}
