//! The shapes of `err`.

use serde_json::value::RawValue;

use super::packet::read_object;

/// What NestJS says, as JSON, where no handler has the pattern.
pub(super) const NO_HANDLER: &str =
    r#""There is no matching message handler defined in the remote service.""#;

/// What stands in front of and behind a message in the shape that NestJS gives its own errors.
pub(super) const BEFORE_MESSAGE: &[u8] = br#"{"status":"error","message":"#;
pub(super) const AFTER_MESSAGE: &[u8] = b"}";

/// Whether JavaScript takes a JSON value for false: `false`, `null`, `""`, and every number that is zero.
pub(crate) fn is_falsy(json: &str) -> bool {
    let json = json.trim_ascii();
    match json.as_bytes() {
        b"false" | b"null" | b"\"\"" => true,
        // JavaScript's numbers are doubles: one too small for them is zero too.
        [b'-' | b'0'..=b'9', ..] => json.parse() == Ok(0.0_f64),
        _ => false,
    }
}

/// The error in `{"status":"error","message":E}` whose `E` is falsy: what a server of this crate makes of an error that
/// NestJS's client would take for a success.
pub(crate) fn wrapped_falsy(err: &RawValue) -> Option<&RawValue> {
    let (mut status, mut message, mut others) = (None, None, false);
    read_object(err.get(), |key, value| match key {
        "status" => status = Some(value.get()),
        "message" => message = Some(value),
        _ => others = true,
    })
    .ok()?;
    message.filter(|message| !others && status == Some(r#""error""#) && is_falsy(message.get()))
}
