//! The `<len>#` in front of a frame, read as JavaScript's `parseInt` reads it, and what can be wrong with a frame.

/// The longest header that is read, in bytes. Numbers take no more than 20; the rest is for white space and for what
/// `parseInt` passes over.
pub(super) const MAX_HEADER: usize = 64;

/// A byte stream is not one of NestJS's frames. Nothing after it can be understood: the connection is at its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// What stands in front of the `#` is no number.
    #[error("a frame begins with its length, as in `2#{{}}`, and the peer sent {found:?}{}", hint(.found))]
    NotALength {
        /// The beginning of what the peer sent.
        found: String,
    },
    /// The length is below zero.
    #[error("the peer sent {found:?} for the length of a frame: a length is not negative")]
    Negative {
        /// The header as it came.
        found: String,
    },
    /// There is no `#` where one must be.
    #[error(
        "a frame's length ends with `#`, as in `2#{{}}`, and there is none in the first {MAX_HEADER} bytes that the \
         peer sent: {found:?}"
    )]
    NoEnd {
        /// The beginning of what the peer sent.
        found: String,
    },
    /// The frame is longer than is allowed, by its own word or in fact.
    #[error(
        "the peer sent a frame of {announced} UTF-16 code units, and a frame may have {limit} bytes: send less, or raise \
         the limit"
    )]
    TooLong {
        /// The length that its header says, in UTF-16 code units.
        announced: usize,
        /// The most bytes that a frame may have.
        limit: usize,
    },
    /// The length ends between the two code units of one letter.
    #[error(
        "the peer counted its frame wrongly: {announced} UTF-16 code units end inside a letter that takes two of them"
    )]
    SplitLetter {
        /// The length that its header says, in UTF-16 code units.
        announced: usize,
    },
}

/// What sort of peer sends such a thing.
fn hint(found: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH "];
    if found.starts_with('\u{16}') {
        ": it looks like TLS, which this port does not speak"
    } else if METHODS.iter().any(|method| found.starts_with(method)) {
        ": it looks like HTTP, which this port does not speak"
    } else {
        ""
    }
}

/// A header that is all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Its own length, in bytes, with the `#`.
    pub(super) bytes: usize,
    /// The length of the frame, in UTF-16 code units; `usize::MAX` for all that is more than that.
    pub(super) announced: usize,
}

/// Reads the header at the beginning of `bytes`; `None` if its end has not come yet.
///
/// # Errors
///
/// If it cannot become a length.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Result<Option<Header>, FrameError> {
    let (announced, digits) = number(bytes);
    if digits > 0 && digits < MAX_HEADER && bytes.get(digits) == Some(&b'#') {
        return Ok(Some(Header { bytes: digits + 1, announced }));
    }
    read_as_parse_int(bytes)
}

/// What `parseInt` accepts beyond plain digits: white space and a sign in front, anything at all behind.
fn read_as_parse_int(bytes: &[u8]) -> Result<Option<Header>, FrameError> {
    let seen = &bytes[..bytes.len().min(MAX_HEADER)];
    let end = memchr::memchr(b'#', seen);
    let text = String::from_utf8_lossy(&seen[..end.unwrap_or(seen.len())]);
    let number_text = text.trim_start_matches(is_white_space);
    let is_negative = number_text.starts_with('-');
    let unsigned = number_text.strip_prefix(['-', '+']).unwrap_or(number_text);
    let (announced, digits) = number(unsigned.as_bytes());
    // Nothing that follows can make a number of it. The beginning of a letter may still become white space.
    let is_hopeless = unsigned.starts_with(|letter: char| letter != '\u{fffd}');
    if digits == 0 && (end.is_some() || is_hopeless) {
        return Err(FrameError::NotALength { found: text.into_owned() });
    }
    match end {
        Some(_) if is_negative => Err(FrameError::Negative { found: text.into_owned() }),
        Some(end) => Ok(Some(Header { bytes: end + 1, announced })),
        None if seen.len() == MAX_HEADER => Err(FrameError::NoEnd { found: text.into_owned() }),
        None => Ok(None),
    }
}

/// The number at the beginning, and how many digits it has.
#[inline]
fn number(bytes: &[u8]) -> (usize, usize) {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).take(MAX_HEADER).count();
    let number = bytes[..digits]
        .iter()
        .fold(0_usize, |number, digit| number.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
    (number, digits)
}

/// What `parseInt` takes for white space: Unicode's, but for NEL, and the byte order mark.
fn is_white_space(letter: char) -> bool {
    letter == '\u{feff}' || (letter.is_whitespace() && letter != '\u{85}')
}
