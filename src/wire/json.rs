//! Mends what JavaScript takes for a string and Rust does not.

use std::borrow::Cow;

/// A JSON text in which every escape of half a surrogate pair is `\ufffd`: JavaScript writes and reads such strings,
/// no Rust string can hold them. Borrowed if there is none.
///
/// What is no JSON comes back as no JSON.
#[inline]
pub(crate) fn mend(text: &str) -> Cow<'_, str> {
    match memchr::memchr(b'\\', text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(first) => mend_from(text, first),
    }
}

fn mend_from(text: &str, first: usize) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let (mut copied, mut at) = (0, first);
    loop {
        at += match escape(&bytes[at..]) {
            Escape::Pair => 12,
            Escape::Half => {
                mended.push_str(&text[copied..at]);
                mended.push_str(r"\ufffd");
                copied = at + 6;
                6
            }
            // The backslash and what it escapes, which may be another backslash.
            Escape::Other => 2,
        };
        match bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
            Some(next) => at += next,
            None if copied == 0 => return Cow::Borrowed(text),
            None => {
                mended.push_str(&text[copied..]);
                return Cow::Owned(mended);
            }
        }
    }
}

enum Escape {
    Pair,
    Half,
    Other,
}

/// What begins at a backslash.
fn escape(bytes: &[u8]) -> Escape {
    match surrogate(bytes) {
        None => Escape::Other,
        Some(Surrogate::Low) => Escape::Half,
        Some(Surrogate::High) => match surrogate(&bytes[6..]) {
            Some(Surrogate::Low) => Escape::Pair,
            _ => Escape::Half,
        },
    }
}

enum Surrogate {
    High,
    Low,
}

/// The half of a pair whose escape, six bytes, stands at the beginning.
fn surrogate(bytes: &[u8]) -> Option<Surrogate> {
    let [b'\\', b'u', b'd' | b'D', second, third, fourth, ..] = bytes else { return None };
    if !(third.is_ascii_hexdigit() && fourth.is_ascii_hexdigit()) {
        return None;
    }
    match second {
        b'8' | b'9' | b'a' | b'b' | b'A' | b'B' => Some(Surrogate::High),
        b'c'..=b'f' | b'C'..=b'F' => Some(Surrogate::Low),
        _ => None,
    }
}
