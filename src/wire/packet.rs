//! What a server gets: requests and events.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::metadata::Headers;

/// A frame is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the peer sent a frame that is no JSON: {0}")]
pub(crate) struct PacketError(String);

/// A request or an event, borrowed from its frame. Of a key that comes twice the last counts, others than these are
/// passed over, both as in JavaScript.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Incoming<'a> {
    pub(crate) pattern: Option<&'a RawValue>,
    pub(crate) data: Option<&'a RawValue>,
    /// A request has one, be it `null`; an event has none.
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) metadata: Option<&'a RawValue>,
}

impl<'a> Incoming<'a> {
    /// Reads a frame, [mended](super::mend). JSON that is no object has neither pattern nor id, as in NestJS.
    ///
    /// # Errors
    ///
    /// If it is no JSON.
    pub(crate) fn read(frame: &'a str) -> Result<Self, PacketError> {
        let mut incoming = Self::default();
        read_object(frame, |key, value| match key {
            "pattern" => incoming.pattern = Some(value),
            "data" => incoming.data = Some(value),
            "id" => incoming.id = Some(value),
            "metadata" => incoming.metadata = Some(value),
            _ => {}
        })?;
        Ok(incoming)
    }

    /// The metadata as headers. Numbers and booleans become their JSON text; `null`, objects and arrays are left out,
    /// and so is metadata that is no object.
    pub(crate) fn headers(&self) -> Headers {
        let mut headers = Headers::new();
        let Some(metadata) = self.metadata else { return headers };
        // It is JSON, or it would not be here.
        let _ = read_object(metadata.get(), |name, value| {
            match header(value.get()) {
                Some(value) => headers.insert(name.to_owned(), value),
                None => headers.remove(name),
            };
        });
        headers
    }
}

fn header(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.to_owned()),
    }
}

/// Calls `entry` for each key of a JSON object, and not at all for other JSON.
///
/// # Errors
///
/// If it is no JSON.
pub(crate) fn read_object<'a>(
    json: &'a str,
    entry: impl FnMut(&str, &'a RawValue),
) -> Result<(), PacketError> {
    let result = if json.trim_ascii_start().starts_with('{') {
        let mut reader = serde_json::Deserializer::from_str(json);
        reader.deserialize_map(Entries(entry)).and_then(|()| reader.end())
    } else {
        serde_json::from_str::<IgnoredAny>(json).map(|_| ())
    };
    result.map_err(|error| PacketError(error.to_string()))
}

struct Entries<F>(F);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Entries<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            (self.0)(&key, map.next_value()?);
        }
        Ok(())
    }
}

/// A key, borrowed where nothing in it is escaped.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}
