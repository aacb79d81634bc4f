//! CloudEvents attributes as NATS headers (binary mode), and whole CloudEvents as JSON (structured mode).

use std::fmt::Write;
use std::time::SystemTime;

use async_nats::{HeaderMap, HeaderName};
use serde_json::value::RawValue;

use super::time;
use crate::metadata::{Headers, Id, Metadata};
use crate::transport::metadata::take_id;

pub(super) const SPEC_VERSION: &str = "ce-specversion";
const ID: &str = "ce-id";
const SOURCE: &str = "ce-source";
const TYPE: &str = "ce-type";
const TIME: &str = "ce-time";
const CORRELATION_ID: &str = "ce-correlationid";
const CAUSATION_ID: &str = "ce-causationid";
/// The content type of a CloudEvent whose attributes and data are one JSON object.
const STRUCTURED: &str = "application/cloudevents+json";

/// Whether a header of that name is made of the metadata, whatever the sender set.
pub(super) fn is_made(name: &str) -> bool {
    matches!(name, SPEC_VERSION | ID | CORRELATION_ID | CAUSATION_ID)
}

/// Adds the attributes of an event of `node`. A source, type or time that the sender has set is there already, and stays.
pub(super) fn add(headers: &mut HeaderMap, metadata: &Metadata, node: &str) {
    let mut add = |name, value: String| headers.insert(HeaderName::from_static(name), value);
    add(SPEC_VERSION, "1.0".to_owned());
    add(ID, encode(metadata.id().to_string()));
    let is_set = |name| metadata.header(name).is_some();
    if !is_set(SOURCE) {
        add(SOURCE, encode(format!("/nestling/{node}")));
    }
    if !is_set(TYPE) {
        add(TYPE, encode(metadata.route().as_str()));
    }
    if !is_set(TIME) {
        add(TIME, time::write(metadata.emitted_at()));
    }
    if let Some(correlation) = metadata.inherited_correlation() {
        add(CORRELATION_ID, encode(correlation.to_string()));
    }
    if let Some(causation) = metadata.causation_id() {
        add(CAUSATION_ID, encode(causation.to_string()));
    }
}

/// What the attributes say that is metadata too.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) id: Option<Id>,
    pub(super) time: Option<SystemTime>,
    pub(super) correlation_id: Option<Id>,
    pub(super) causation_id: Option<Id>,
}

/// Takes the attributes out of the headers. Of a foreign event the others stay, readable: they are all that is known of
/// it. Of an event of this crate they say what is known already.
pub(super) fn take(headers: &mut Headers, is_foreign: bool) -> Attributes {
    for (_, value) in headers.iter_mut().filter(|(name, _)| name.starts_with("ce-")) {
        if let Some(decoded) = decode(value) {
            *value = decoded;
        }
    }
    let time = headers.get(TIME).and_then(|text| time::read(text));
    headers.remove(SPEC_VERSION);
    if !is_foreign {
        headers.retain(|name, _| !matches!(name.as_str(), SOURCE | TYPE | TIME));
    }
    Attributes {
        id: take_id(headers, ID),
        time,
        correlation_id: take_id(headers, CORRELATION_ID),
        causation_id: take_id(headers, CAUSATION_ID),
    }
}

/// Whether a body of this content type is a whole CloudEvent.
pub(super) fn is_structured(content_type: &str) -> bool {
    content_type.trim_start().get(..STRUCTURED.len()).is_some_and(|it| it.eq_ignore_ascii_case(STRUCTURED))
}

/// The header of an attribute of a structured event; none of its data and of what is no text.
pub(super) fn attribute(name: &str, value: &RawValue) -> Option<(String, String)> {
    if matches!(name, "data" | "data_base64") {
        return None;
    }
    let value = match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok()?,
        b'{' | b'[' | b'n' => return None,
        _ => value.get().to_owned(),
    };
    Some((format!("ce-{name}"), encode(value)))
}

/// As the NATS binding has it: what is no printable ASCII, a space, a quote and a percent sign.
pub(super) fn encode(text: impl Into<String>) -> String {
    let text = text.into();
    if text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%')) {
        return text;
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'"' | b'%' => write_byte(&mut encoded, byte),
            0x21..=0x7E => encoded.push(char::from(byte)),
            _ => write_byte(&mut encoded, byte),
        }
    }
    encoded
}

fn write_byte(text: &mut String, byte: u8) {
    // A `String` takes all.
    let _ = write!(text, "%{byte:02X}");
}

/// What was encoded, where anything was; a text that is not encoded well stays as it is.
fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let encoded =
            others.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        match encoded.and_then(|digits| std::str::from_utf8(digits).ok()) {
            Some(digits) => {
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &others[2..];
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encodes_as_the_binding_says() {
        // The binding's own example.
        assert_eq!(encode("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
        assert_eq!(encode("a\"b%c"), "a%22b%25c");
        for odd in ["100%", "%zz", "%E2%82", "%€0"] {
            assert_eq!(decode(odd).as_deref().unwrap_or(odd), odd);
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_printable_and_decodes(text in "\\PC{0,20}") {
            let encoded = encode(&text);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(decode(&encoded).unwrap_or(encoded), text);
        }
    }
}
