//! Writes requests, events and replies, with their keys in NestJS's order.
//!
//! Ids and patterns are JSON texts, and go out as they are. NestJS 12 takes a reply with any other key than `id`,
//! `err`, `response`, `isDisposed` and `status` for a foreign value, so there are no others.

use serde::Serialize;

use crate::metadata::Headers;

use super::error::{AFTER_MESSAGE, BEFORE_MESSAGE, NO_HANDLER, is_falsy};
use super::write::{EncodeError, all_or_nothing};
use crate::undefined::is_undefined;

/// Appends a request. Data that is `None`, or `undefined`, is left out, and so is metadata without headers.
///
/// # Errors
///
/// If the data cannot be serialised: then nothing is appended.
pub(crate) fn request<T: Serialize + ?Sized + 'static>(
    out: &mut Vec<u8>,
    pattern: &str,
    data: Option<&T>,
    metadata: Option<&Headers>,
    id: &str,
) -> Result<(), EncodeError> {
    all_or_nothing(out, |out| {
        head(out, pattern, data, metadata)?;
        out.extend_from_slice(br#","id":"#);
        out.extend_from_slice(id.as_bytes());
        out.push(b'}');
        Ok(())
    })
}

/// Appends an event: a request without an id.
///
/// # Errors
///
/// As [`request`].
pub(crate) fn event<T: Serialize + ?Sized + 'static>(
    out: &mut Vec<u8>,
    pattern: &str,
    data: Option<&T>,
    metadata: Option<&Headers>,
) -> Result<(), EncodeError> {
    all_or_nothing(out, |out| {
        head(out, pattern, data, metadata)?;
        out.push(b'}');
        Ok(())
    })
}

fn head<T: Serialize + ?Sized + 'static>(
    out: &mut Vec<u8>,
    pattern: &str,
    data: Option<&T>,
    metadata: Option<&Headers>,
) -> Result<(), EncodeError> {
    out.extend_from_slice(br#"{"pattern":"#);
    out.extend_from_slice(pattern.as_bytes());
    if let Some(data) = data
        && !is_undefined(data)
    {
        out.extend_from_slice(br#","data":"#);
        serde_json::to_writer(&mut *out, data)?;
    }
    if let Some(headers) = metadata
        && !headers.is_empty()
    {
        out.extend_from_slice(br#","metadata":"#);
        serde_json::to_writer(&mut *out, headers)?;
    }
    Ok(())
}

/// Appends a value that is JSON text already, the last one or one of several. `None` is `undefined`, which has no
/// `response`.
pub(crate) fn reply_value(out: &mut Vec<u8>, id: &str, value: Option<&str>, is_last: bool) {
    out.push(b'{');
    if let Some(value) = value {
        out.extend_from_slice(br#""response":"#);
        out.extend_from_slice(value.as_bytes());
        out.push(b',');
    }
    if is_last {
        out.extend_from_slice(DISPOSED);
    }
    end_with_id(out, id);
}

/// Appends the end of a stream, or of a request that has no value.
pub(crate) fn reply_end(out: &mut Vec<u8>, id: &str) {
    out.push(b'{');
    out.extend_from_slice(DISPOSED);
    end_with_id(out, id);
}

/// Appends a service's error that is JSON text already. One that JavaScript takes for false would be a success to
/// NestJS: it becomes the message of `{"status":"error","message":..}`.
pub(crate) fn reply_error(out: &mut Vec<u8>, id: &str, error: &str) {
    out.extend_from_slice(ERR);
    if is_falsy(error) {
        out.extend_from_slice(BEFORE_MESSAGE);
        out.extend_from_slice(error.as_bytes());
        out.extend_from_slice(AFTER_MESSAGE);
    } else {
        out.extend_from_slice(error.as_bytes());
    }
    out.push(b',');
    out.extend_from_slice(DISPOSED);
    end_with_id(out, id);
}

/// Appends a failure that is not the service's own word: `{"status":"error","message":..}`.
pub(crate) fn reply_failure(out: &mut Vec<u8>, id: &str, message: &str) {
    out.extend_from_slice(ERR);
    out.extend_from_slice(BEFORE_MESSAGE);
    push_string(out, message);
    out.extend_from_slice(AFTER_MESSAGE);
    out.push(b',');
    out.extend_from_slice(DISPOSED);
    end_with_id(out, id);
}

/// Appends what NestJS answers where no handler has the pattern. It is an end without `isDisposed`.
pub(crate) fn reply_no_handler(out: &mut Vec<u8>, id: &str) {
    out.extend_from_slice(br#"{"id":"#);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(br#","status":"error","err":"#);
    out.extend_from_slice(NO_HANDLER.as_bytes());
    out.push(b'}');
}

const ERR: &[u8] = br#"{"err":"#;
const DISPOSED: &[u8] = br#""isDisposed":true,"#;

fn end_with_id(out: &mut Vec<u8>, id: &str) {
    out.extend_from_slice(br#""id":"#);
    out.extend_from_slice(id.as_bytes());
    out.push(b'}');
}

fn push_string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a string always serialises, and a Vec takes all");
}
