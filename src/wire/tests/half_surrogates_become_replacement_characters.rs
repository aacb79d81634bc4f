//! JavaScript's strings may hold half a surrogate pair, and Rust's may not: such halves are read as U+FFFD.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::Value;

use super::super::{Incoming, mend};

#[test]
fn halves_are_replaced_and_pairs_are_kept() {
    for (text, expected) in [
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\uD83D!""#, "\u{fffd}!"),
        (r#""\ude00""#, "\u{fffd}"),
        (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        (r#""\ud83d\ude00\ude00""#, "😀\u{fffd}"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
        (r#""\\ud83d""#, "\\ud83d"),
        (r#""\\\ud83d""#, "\\\u{fffd}"),
        (r#""\ud7ff\ue000""#, "\u{d7ff}\u{e000}"),
        (r#""é\udbff\udfff日""#, "é\u{10ffff}日"),
    ] {
        assert_eq!(serde_json::from_str::<String>(&mend(text)).unwrap(), expected, "{text}");
    }
}

#[test]
fn keys_are_mended_too() {
    let frame = mend(r#"{"pattern":"p","data":{"a\ud83d":["\udc00"]}}"#);
    let data: Value = serde_json::from_str(Incoming::read(&frame).unwrap().data.unwrap().get()).unwrap();
    assert_eq!(data, serde_json::json!({ "a\u{fffd}": ["\u{fffd}"] }));
}

#[test]
fn what_needs_no_mending_is_borrowed() {
    for text in ["", "{}", r#""\"\\ud83d\" \ud83d\ude00""#, r#""\u0041""#, "\\", r"\é", r"\ud83"] {
        assert!(matches!(mend(text), Cow::Borrowed(_)), "{text}");
    }
}

/// JavaScript's view of a string: code units, of which each is written as an escape.
fn escaped(units: &[u16]) -> String {
    let mut json = String::from("\"");
    for unit in units {
        json.push_str(&match unit {
            0x5c => r"\\".to_owned(),
            0x61 => "a".to_owned(),
            0x75 => "u".to_owned(),
            other if other % 2 == 0 => format!("\\u{other:04x}"),
            other => format!("\\u{other:04X}"),
        });
    }
    json.push('"');
    json
}

proptest! {
    #[test]
    fn every_string_of_code_units_is_read_as_rust_reads_utf16(
        units in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![0x5c, 0x61, 0x75, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000]),
                any::<u16>(),
            ],
            0..20,
        ),
    ) {
        let json = escaped(&units);
        let read: String = serde_json::from_str(&mend(&json)).unwrap();
        prop_assert_eq!(read, String::from_utf16_lossy(&units));
    }

    #[test]
    fn what_is_no_json_stays_none(text in r#"[\\ud83c"{}: ]{0,24}"#) {
        let was_json = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
        let is_json = serde_json::from_str::<&serde_json::value::RawValue>(&mend(&text)).is_ok();
        prop_assert_eq!(was_json, is_json);
    }
}
