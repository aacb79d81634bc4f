//! What failures that are alike have in common.

use super::reason::Reason;

/// The same 16 hex digits for failures of one service that differ only in numbers, ids and quoted values. It is
/// stable: across processes, platforms and versions.
pub(super) fn fingerprint(service: &str, reason: Reason, error_type: &str, message: &str) -> String {
    let shape = shape(message);
    let mut hash = FNV_OFFSET;
    for part in [service, reason.as_str(), error_type, &shape] {
        // 0xff is in no UTF-8 text, so ("ab", "c") and ("a", "bc") differ.
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
    }
    format!("{hash:016x}")
}

// FNV-1a, because `DefaultHasher` may change with any Rust release.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// The message with each quoted value as `"_"` and each number, hex string, UUID or word with digits as `#`.
fn shape(message: &str) -> String {
    let mut shape = String::with_capacity(message.len());
    let mut rest = message;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let taken = if let Some(len) = quoted(rest, first, before) {
            shape.push_str("\"_\"");
            len
        } else if is_word(first) {
            let len = value(rest);
            if len > 0 {
                shape.push('#');
                len
            } else {
                let len = word(rest);
                shape.push_str(&rest[..len]);
                len
            }
        } else {
            shape.push(first);
            first.len_utf8()
        };
        before = rest[..taken].chars().next_back().unwrap_or(first);
        rest = &rest[taken..];
    }
    shape
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the word that `text` begins with.
fn word(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// The length of the quoted value that `text` begins with, if it does.
fn quoted(text: &str, quote: char, before: char) -> Option<usize> {
    // An apostrophe opens no quotation inside a word: "can't".
    if !matches!(quote, '"' | '\'' | '`') || is_word(before) {
        return None;
    }
    let inner = &text[1..];
    let line = &inner[..inner.find('\n').unwrap_or(inner.len())];
    let end = line.match_indices(quote).map(|(at, _)| at).find(|at| {
        let follows = line[at + 1..].chars().next();
        !follows.is_some_and(is_word)
    })?;
    Some(end + 2)
}

/// The length of the number, hex string, UUID or word with digits that `text` begins with; 0 if there is none.
/// What hangs together (`1.5`, `2026-01-02T03:04`, `10.0.0.1:80`) is one.
fn value(text: &str) -> usize {
    let mut len = 0;
    loop {
        let rest = &text[len..];
        let one = match uuid(rest) {
            0 => Some(word(rest)).filter(|len| varies(&rest[..*len])).unwrap_or(0),
            uuid => uuid,
        };
        if one == 0 {
            // The separator belongs to what follows it.
            return len.saturating_sub(1);
        }
        len += one;
        match text[len..].chars().next() {
            Some('.' | ':' | ',' | '-' | '+') => len += 1,
            _ => return len,
        }
    }
}

fn varies(word: &str) -> bool {
    word.contains(|c: char| c.is_numeric())
        || (word.len() >= 8 && word.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn uuid(text: &str) -> usize {
    const LEN: usize = 36;
    let fits = text.len() >= LEN
        && text.bytes().take(LEN).enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
        && !text[LEN..].chars().next().is_some_and(is_word);
    if fits { LEN } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_ids_and_quoted_values_do_not_count() {
        for (message, expected) in [
            ("order 17 of 3.5 failed", "order # of # failed"),
            ("order 18 of 4 failed.", "order # of # failed."),
            ("user_42 is gone", "# is gone"),
            ("no product \"red 'shoe'\" here", "no product \"_\" here"),
            ("no product 'x', can't go on, won't", "no product \"_\", can't go on, won't"),
            ("`a`: `b`", "\"_\": \"_\""),
            ("at 2026-01-02T03:04:05.678Z, 10.0.0.1:80", "at #, #"),
            ("id 0192f0c1-aaaa-7bbb-8ccc-dddddddddddd!", "id #!"),
            ("id abcdefab-aaaa-fbbb-accc-dddddddddddd", "id #"),
            ("0xdeadbeef deadbeef facade", "# # facade"),
            ("unpaired \" quote", "unpaired \" quote"),
            ("mail-server down", "mail-server down"),
            ("größe ½ und 七7", "größe # und #"),
            ("", ""),
        ] {
            assert_eq!(shape(message), expected, "{message}");
        }
    }

    #[test]
    fn it_never_changes() {
        // A stored file groups with what is written today: this value must stay.
        assert_eq!(
            fingerprint("mail", Reason::Panic, "io::Error", "no route to 10.0.0.1"),
            "b0329460c8c5ca93"
        );
    }

    #[test]
    fn each_part_counts() {
        let base = fingerprint("a", Reason::Panic, "b", "c");
        assert_ne!(base, fingerprint("ab", Reason::Panic, "", "c"));
        assert_ne!(base, fingerprint("a", Reason::Timeout, "b", "c"));
        assert_ne!(base, fingerprint("a", Reason::Panic, "x", "c"));
        assert_ne!(base, fingerprint("a", Reason::Panic, "b", "d"));
    }

    proptest! {
        #[test]
        fn any_text_has_a_shape(text in "\\PC*", number in any::<u32>(), other in any::<u32>()) {
            shape(&text);
            prop_assert_eq!(shape(&format!("{text} {number} x")), shape(&format!("{text} {other} x")));
        }
    }
}
