//! What the tool `nestling` needs of the wire: packets as the user typed them, replies as they came.
//!
//! It goes without [`TcpClient`](crate::TcpClient), which understands what it carries, and so cannot show it verbatim nor
//! send what it would refuse.

use serde_json::value::RawValue;

use super::{EncodeError, FrameError, FrameReader, Outcome, PacketError, Reply, event, frame, mend, request};
use crate::metadata::Headers;

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
        let id = reply.id.and_then(|id| id.get().trim_matches('"').parse().ok());
        if let Some(id) = id {
            let part = match reply.outcome() {
                Outcome::Value { value, is_last } => Part::Value { json: value.map(RawValue::get), is_last },
                Outcome::End => Part::End,
                Outcome::Error(error) => Part::Error(error.get()),
                Outcome::NoHandler => Part::NoHandler,
            };
            take(id, part);
        }
        Ok(true)
    }
}
