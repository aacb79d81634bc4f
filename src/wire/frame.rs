//! Cuts a byte stream that may split anywhere into frames.

use super::header::{self, FrameError};
use super::utf16::{self, SplitPair};

/// The room for a first read, in bytes, and what a busy connection's grows to.
const FIRST_READ: usize = 4 * 1024;
const BUSY_READ: usize = 64 * 1024;

/// What the buffer may take beyond the limit of a frame, in bytes.
pub(crate) const SLACK: usize = 2 * BUSY_READ;

/// Cuts a byte stream into frames.
///
/// Read into [`space`](Self::space), then take frames with [`next`](Self::next) until there is none. Its work is
/// linear in the bytes, however they are split. As long as all frames are taken before more is read, its buffer takes
/// no more than `limit + SLACK` bytes, and no more than a small multiple of what has really come.
#[derive(Debug)]
pub(crate) struct FrameReader {
    /// The most bytes that a frame may have.
    limit: usize,
    buffer: Vec<u8>,
    /// The first byte in the buffer that was not handed out: of a header, or of `body`.
    start: usize,
    /// The frame whose header has been read.
    body: Option<Body>,
    /// The frame handed out last.
    last: Option<Body>,
    /// Its text, if it was no UTF-8.
    mended: String,
    /// The room that the next read gets.
    read_size: usize,
    /// Why nothing more can be read.
    failed: Option<FrameError>,
}

/// A frame that is not all there yet.
#[derive(Debug)]
struct Body {
    /// The length that its header says, in UTF-16 code units.
    announced: usize,
    /// What has been counted of it.
    units: usize,
    bytes: usize,
}

impl FrameReader {
    /// A reader of frames of at most `limit` bytes each.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            buffer: Vec::new(),
            start: 0,
            body: None,
            last: None,
            mended: String::new(),
            read_size: FIRST_READ,
            failed: None,
        }
    }

    /// The buffer to append to, with some capacity to spare. Nothing else may be done to it.
    pub(crate) fn space(&mut self) -> &mut Vec<u8> {
        if self.buffer.capacity() > 0 && self.buffer.len() == self.buffer.capacity() {
            self.read_size = (2 * self.read_size).min(BUSY_READ);
        }
        self.forget_what_was_handed_out();
        let held = self.buffer.len();
        if self.buffer.capacity() - held < self.read_size / 2 {
            let most = self.limit.saturating_add(SLACK).max(held + self.read_size);
            let wanted = (held + self.read_size).max(2 * self.buffer.capacity()).min(most);
            self.buffer.reserve_exact(wanted - held);
        }
        &mut self.buffer
    }

    /// The next frame's text, if all of it is there. What was no UTF-8 in it is U+FFFD.
    ///
    /// # Errors
    ///
    /// If the peer's bytes are no frames; from then on always.
    pub(crate) fn next(&mut self) -> Result<Option<&str>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let frame = match self.advance() {
            Ok(Some(bytes)) => self.start..self.start + bytes,
            Ok(None) => return Ok(None),
            Err(error) => return Err(self.fail(error)),
        };
        self.start = frame.end;
        self.last = self.body.take();
        match std::str::from_utf8(&self.buffer[frame.clone()]) {
            Ok(text) => Ok(Some(text)),
            Err(_) => match mended(&self.buffer[frame], self.limit) {
                Ok(text) => {
                    self.mended = text;
                    Ok(Some(&self.mended))
                }
                Err(error) => {
                    self.failed = Some(error.clone());
                    Err(error)
                }
            },
        }
    }

    /// Takes back the frame handed out last: the next one is that one again.
    pub(crate) fn put_back(&mut self) {
        if let Some(body) = self.last.take() {
            self.start -= body.bytes;
            self.body = Some(body);
        }
    }

    /// Whether a frame has begun to come and is not all there. White space in front of a header begins none.
    pub(crate) fn is_mid_frame(&self) -> bool {
        self.body.is_some() || self.start < self.buffer.len()
    }

    /// How many bytes it holds that were not handed out.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// How many bytes it has allocated.
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.capacity() + self.mended.capacity()
    }

    /// Gives its memory back while nothing comes; does nothing in mid-frame.
    pub(crate) fn rest(&mut self) {
        if !self.is_mid_frame() {
            self.buffer = Vec::new();
            self.mended = String::new();
            self.last = None;
            self.start = 0;
            self.read_size = FIRST_READ;
        }
    }

    /// Reads on in what is there; the length of the frame, in bytes, if all of it is.
    fn advance(&mut self) -> Result<Option<usize>, FrameError> {
        let body = match &mut self.body {
            Some(body) => body,
            None => {
                let unread = &self.buffer[self.start..];
                self.start += unread.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
                let Some(header) = header::read(&self.buffer[self.start..])? else { return Ok(None) };
                self.start += header.bytes;
                self.body.insert(Body { announced: header.announced, units: 0, bytes: 0 })
            }
        };
        let too_long = FrameError::TooLong { announced: body.announced, limit: self.limit };
        if body.announced > self.limit {
            return Err(too_long);
        }
        let held = &self.buffer[self.start..];
        let counted = utf16::count(&held[body.bytes..], body.announced - body.units)
            .map_err(|SplitPair| FrameError::SplitLetter { announced: body.announced })?;
        body.bytes += counted.bytes;
        body.units += counted.units;
        let is_whole = body.units == body.announced;
        // Code units of more than a byte can take a frame beyond the limit that its header keeps.
        let taken = if is_whole { body.bytes } else { held.len() };
        if taken > self.limit {
            return Err(too_long);
        }
        Ok(is_whole.then_some(taken))
    }

    fn fail(&mut self, error: FrameError) -> FrameError {
        self.buffer = Vec::new();
        self.start = 0;
        (self.body, self.last) = (None, None);
        self.failed = Some(error.clone());
        error
    }

    fn forget_what_was_handed_out(&mut self) {
        self.mended = String::new();
        self.last = None;
        if self.start > 0 {
            // Of a frame that spans reads each byte is moved once: from then on the frame stands at the front.
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        if self.buffer.capacity() > SLACK && self.buffer.len() < BUSY_READ {
            self.buffer.shrink_to(BUSY_READ);
        }
    }
}

/// The text of a frame that is no UTF-8.
#[cold]
fn mended(frame: &[u8], limit: usize) -> Result<String, FrameError> {
    let mut text = String::new();
    for chunk in frame.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        // A U+FFFD can be longer than what it stands for.
        if text.len() > limit {
            return Err(FrameError::TooLong { announced: utf16::len(&text), limit });
        }
    }
    Ok(text)
}
