//! What the tests share.

use serde_json::value::RawValue;

use super::super::{FrameError, FrameReader};

/// Larger than any frame of these tests that is not about the limit.
pub(super) const AMPLE: usize = 64 * 1024 * 1024;

pub(super) fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

/// Appends to the reader as a socket does: never more than there is space for.
pub(super) fn feed(reader: &mut FrameReader, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = reader.space();
        let (now, later) = rest.split_at(rest.len().min(space.capacity() - space.len()));
        space.extend_from_slice(now);
        rest = later;
    }
}

/// Takes all frames that are there.
pub(super) fn take(reader: &mut FrameReader, frames: &mut Vec<String>) -> Result<(), FrameError> {
    while let Some(frame) = reader.next()? {
        frames.push(frame.to_owned());
    }
    Ok(())
}

/// Reads pieces, one after the other.
pub(super) fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, Option<FrameError>) {
    let mut reader = FrameReader::new(AMPLE);
    let mut frames = Vec::new();
    for piece in pieces {
        feed(&mut reader, piece);
        if let Err(error) = take(&mut reader, &mut frames) {
            return (frames, Some(error));
        }
    }
    (frames, None)
}

/// A frame as NestJS writes it, by the plainest means.
pub(super) fn framed(body: &str) -> Vec<u8> {
    format!("{}#{body}", body.encode_utf16().count()).into_bytes()
}

/// The frames that NestJS's `JsonSocket` cuts out of a stream, as it does that: it decodes the bytes, and counts in a
/// string of UTF-16. Stops at the first frame that is none.
pub(super) fn reference(bytes: &[u8]) -> Vec<String> {
    let mut units: Vec<u16> = String::from_utf8_lossy(bytes).encode_utf16().collect();
    let mut frames = Vec::new();
    while let Some(end) = units.iter().position(|unit| *unit == u16::from(b'#')) {
        let header = String::from_utf16_lossy(&units[..end]);
        let header = header.trim();
        let digits = header.trim_start_matches('+');
        let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
        let Ok(length) = digits.parse::<usize>() else { break };
        let body = end + 1..end + 1 + length;
        let Some(body) = units.get(body) else { break };
        let Ok(body) = String::from_utf16(body) else { break };
        frames.push(body);
        units.drain(..end + 1 + length);
    }
    frames
}
