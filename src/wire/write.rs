//! Appends to a buffer a whole frame, or nothing.

use crate::panics::{Panic, guard};

use super::utf16;

/// Why something was not written. The buffer is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EncodeError {
    /// A value refused to be serialised.
    #[error("it cannot be serialised: {0}")]
    Serialize(String),
    /// A value's `Serialize` panicked.
    #[error("its `Serialize` panicked: {}", .0.message)]
    Panicked(Box<Panic>),
}

impl From<serde_json::Error> for EncodeError {
    fn from(error: serde_json::Error) -> Self {
        Self::Serialize(error.to_string())
    }
}

/// What `write` appends is there as a whole, or not at all.
///
/// # Errors
///
/// Those of `write`, and its panic.
pub(super) fn all_or_nothing(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let before = out.len();
    let written = guard(|| write(out)).unwrap_or_else(|panic| Err(EncodeError::Panicked(panic)));
    if written.is_err() {
        out.truncate(before);
    }
    written
}

/// The header of a frame of 10 to 99 code units; others are moved to make room, which costs less than a copy of all.
const USUAL_HEADER: usize = 3;

/// Appends a frame whose body `write` appends; what it writes must be UTF-8.
///
/// # Errors
///
/// Those of `write`, and its panic: then nothing is appended.
pub(crate) fn frame(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    all_or_nothing(out, |out| {
        let start = leave_room(out);
        write(out)?;
        put_header(out, start);
        Ok(())
    })
}

/// As [`frame`], for a body that cannot fail.
pub(crate) fn plain_frame(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = leave_room(out);
    write(out);
    put_header(out, start);
}

/// Leaves room for a header, and says where.
fn leave_room(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[b'#'; USUAL_HEADER]);
    start
}

/// Puts the header in front of the body, for which room was left at `start`.
fn put_header(out: &mut Vec<u8>, start: usize) {
    let (body, end) = (start + USUAL_HEADER, out.len());
    let mut number = itoa::Buffer::new();
    let number = number.format(utf16::len_of_utf8(&out[body..])).as_bytes();
    let new_body = start + number.len() + 1;
    if new_body > body {
        out.resize(end + new_body - body, 0);
    }
    if new_body != body {
        out.copy_within(body..end, new_body);
        out.truncate(new_body + end - body);
    }
    out[start..new_body - 1].copy_from_slice(number);
    out[new_body - 1] = b'#';
}
