//! A frame's length is read as `parseInt` reads it; what is none tells a log reader what the peer did.

use super::super::FrameError;
use super::support::read;

#[test]
fn lengths_as_parse_int_accepts_them() {
    // What `parseInt(header, 10)` of Node 20 made of each.
    for (header, length) in [
        ("36", 36),
        ("\n 36", 36),
        ("\u{a0}36", 36),
        ("\u{feff}\u{3000}36", 36),
        ("+36", 36),
        ("39abc", 39),
        ("39.9", 39),
        ("3 6", 3),
        ("1e3", 1),
        ("0x27", 0),
        ("0", 0),
        ("000000000000000000000000000000012", 12),
    ] {
        let body = "x".repeat(length);
        let stream = format!("{header}#{body}2#{{}}");
        let expected = (vec![body, "{}".to_owned()], None);
        assert_eq!(read([stream.as_bytes()]), expected, "{header:?}");
        assert_eq!(read(stream.as_bytes().chunks(1)), expected, "{header:?} in single bytes");
    }
}

#[test]
fn what_is_no_length() {
    for (stream, expected) in [
        (&b"abc#{}"[..], "the peer sent \"abc\""),
        (b"#{}", "the peer sent \"\""),
        (b" #{}", "the peer sent \"\""),
        (b"- 3#{}", "the peer sent \"- 3\""),
        (b"\xd9\xa1#1", "the peer sent \"\u{661}\""),
        (b"\xc2\x855#12345", "\"\\u{85}5\""),
        (b"\xff\xfe#", "the peer sent \"\u{fffd}\u{fffd}\""),
        (b"-5#12345", "not negative"),
        (b"-0#", "not negative"),
        (b"GET / HTTP/1.1\r\n", "it looks like HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "it looks like TLS"),
        (b"99999999999999999999999999#{}", "18446744073709551615 UTF-16 code units"),
        (b"67108865#{}", "a frame may have 67108864 bytes"),
    ] {
        let (frames, error) = read([stream]);
        let error = error.unwrap_or_else(|| panic!("{stream:x?} was read as {frames:?}")).to_string();
        assert!(frames.is_empty());
        assert!(error.contains(expected), "{stream:x?}: {error}");
        assert!(read(stream.chunks(1)).1.is_some(), "{stream:x?} in single bytes");
    }
}

#[test]
fn a_header_has_an_end() {
    let stream = format!("5{}", "x".repeat(1000));
    assert!(matches!(read([stream.as_bytes()]).1, Some(FrameError::NoEnd { .. })));
    let (frames, error) = read([&stream.as_bytes()[..63], &b"#12345"[..]]);
    assert_eq!((frames, error), (vec!["12345".to_owned()], None));
    let digits = "1".repeat(64);
    assert!(read([digits.as_bytes()]).1.is_some());
}

#[test]
fn what_cannot_become_a_length_is_not_waited_for() {
    assert!(matches!(read([&b"{"[..]]).1, Some(FrameError::NotALength { .. })));
    assert!(matches!(read([&b"-x"[..]]).1, Some(FrameError::NotALength { .. })));
    // The first byte of U+00A0, which is white space.
    assert_eq!(read([&b"\xc2"[..]]), (vec![], None));
}
