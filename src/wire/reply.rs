//! What a client gets, and how NestJS's client understands it.

use serde_json::value::RawValue;

use super::error::{NO_HANDLER, is_falsy};
use super::packet::{PacketError, read_object};

/// A reply, borrowed from its frame.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reply<'a> {
    /// The id of the request; a reply without one is for nobody.
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) err: Option<&'a RawValue>,
    pub(crate) response: Option<&'a RawValue>,
    /// Whether nothing follows; anything that JavaScript takes for true.
    pub(crate) is_disposed: bool,
    pub(crate) status: Option<&'a RawValue>,
    /// Whether it has other keys. NestJS 12 then takes the whole object for the value, its errors too: here, as in
    /// NestJS 11, they are passed over.
    pub(crate) has_extra_keys: bool,
}

/// What a reply means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome<'a> {
    /// A value.
    Value {
        /// `None` is `undefined`.
        value: Option<&'a RawValue>,
        /// Whether it is the last one.
        is_last: bool,
    },
    /// Nothing follows, and there was no value in this reply.
    End,
    /// The service's error, as it came; nothing follows.
    Error(&'a RawValue),
    /// The service does not handle the pattern; nothing follows.
    NoHandler,
}

impl<'a> Reply<'a> {
    /// Reads a frame, [mended](super::mend). JSON that is no object has no id.
    ///
    /// # Errors
    ///
    /// If it is no JSON.
    pub(crate) fn read(frame: &'a str) -> Result<Self, PacketError> {
        let mut reply = Self::default();
        read_object(frame, |key, value| match key {
            "id" => reply.id = Some(value),
            "err" => reply.err = Some(value),
            "response" => reply.response = Some(value),
            "isDisposed" => reply.is_disposed = !is_falsy(value.get()),
            "status" => reply.status = Some(value),
            _ => reply.has_extra_keys = true,
        })?;
        Ok(reply)
    }

    /// What it means: an `err` that JavaScript takes for false is none.
    pub(crate) fn outcome(&self) -> Outcome<'a> {
        match (self.err, self.response) {
            (Some(err), _) if err.get() == NO_HANDLER => Outcome::NoHandler,
            (Some(err), _) if !is_falsy(err.get()) => Outcome::Error(err),
            (_, None) if self.is_disposed => Outcome::End,
            (_, value) => Outcome::Value { value, is_last: self.is_disposed },
        }
    }
}
