//! However a byte stream is split, the same frames come out of it.

use proptest::prelude::*;

use super::super::{FrameError, FrameReader};
use super::support::{AMPLE, feed, framed, read, reference, take};

const MIXED: &str = r#"{"pattern":"echo","data":"é😀日本𝄞x","id":"U"}"#;

#[test]
fn frames_split_at_every_byte() {
    let stream = [framed(MIXED), framed("{}"), framed(""), framed("日😀"), framed(MIXED)].concat();
    let expected = [MIXED, "{}", "", "日😀", MIXED];
    for at in 0..=stream.len() {
        let (head, tail) = stream.split_at(at);
        assert_eq!(read([head, tail]), (expected.map(String::from).to_vec(), None), "split at {at}");
    }
    assert_eq!(read(stream.chunks(1)).0, expected);
}

#[test]
fn a_frame_that_is_put_back_comes_again() {
    let invalid = [b"4#a", &b"\xff"[..], b"bc"].concat();
    let mut reader = FrameReader::new(AMPLE);
    feed(&mut reader, &[framed(MIXED), invalid, framed("{}")].concat());
    for expected in [MIXED, "a\u{fffd}bc", "{}"] {
        for _ in 0..3 {
            assert_eq!(reader.next().unwrap(), Some(expected));
            reader.put_back();
            // Only the last one is there to be put back.
            reader.put_back();
            assert!(reader.is_mid_frame());
        }
        assert_eq!(reader.next().unwrap(), Some(expected));
    }
    assert_eq!(reader.next().unwrap(), None);
    assert!(!reader.is_mid_frame());
}

#[test]
fn the_length_is_counted_in_utf16_code_units() {
    let body = r#"{"pattern":"echo","data":"é😀","id":"U"}"#;
    assert_eq!((body.len(), body.chars().count()), (43, 39));
    assert_eq!(read([format!("40#{body}").as_bytes()]), (vec![body.to_owned()], None));
}

#[test]
fn a_count_that_ends_inside_a_letter_is_an_error() {
    for (stream, announced) in [("1#😀", 1), ("3#日本😀", 3), ("4#abc𝄞", 4)] {
        let (frames, error) = read([stream.as_bytes()]);
        assert_eq!((frames, error), (vec![], Some(FrameError::SplitLetter { announced })), "{stream}");
        assert_eq!(read(stream.as_bytes().chunks(1)).1, Some(FrameError::SplitLetter { announced }));
    }
}

#[test]
fn a_reader_that_has_failed_reads_no_more() {
    let mut reader = FrameReader::new(AMPLE);
    feed(&mut reader, b"2#{}abc#");
    assert_eq!(reader.next(), Ok(Some("{}")));
    let error = reader.next().unwrap_err();
    feed(&mut reader, b"2#{}");
    assert_eq!(reader.next(), Err(error));
}

#[test]
fn it_knows_whether_a_frame_has_begun() {
    let mut reader = FrameReader::new(AMPLE);
    let mut expect = |piece: &[u8], frames: usize, mid_frame: bool, held: usize| {
        let mut taken = Vec::new();
        feed(&mut reader, piece);
        take(&mut reader, &mut taken).unwrap();
        assert_eq!(
            (taken.len(), reader.is_mid_frame(), reader.held()),
            (frames, mid_frame, held),
            "{piece:?}"
        );
    };
    expect(b"", 0, false, 0);
    expect(b"\r\n ", 0, false, 0);
    expect(b"1", 0, true, 1);
    expect(b"0#", 0, true, 0);
    expect(b"012345", 0, true, 6);
    expect(b"6789", 1, false, 0);
    expect(b"2#{}2", 1, true, 1);
    expect(b"#{}\n", 1, false, 0);
}

/// Letters of every length, in bytes and in code units.
fn text() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        4 => prop::char::range(' ', '~'),
        1 => Just('#'),
        1 => prop::char::range('\u{80}', '\u{7ff}'),
        1 => prop::char::range('\u{800}', '\u{ffff}'),
        2 => prop::char::range('\u{10000}', '\u{10ffff}'),
    ];
    prop::collection::vec(letter, 0..40).prop_map(String::from_iter)
}

/// The pieces of a stream whose cuts lie at these distances from each other.
fn pieces<'a>(stream: &'a [u8], distances: &[usize]) -> Vec<&'a [u8]> {
    let (mut rest, mut pieces) = (stream, Vec::new());
    for distance in distances {
        let (piece, later) = rest.split_at((*distance).min(rest.len()));
        pieces.push(piece);
        rest = later;
    }
    pieces.push(rest);
    pieces
}

proptest! {
    #[test]
    fn frames_are_what_they_were(
        bodies in prop::collection::vec(text(), 0..8),
        distances in prop::collection::vec(0_usize..30, 0..30),
    ) {
        let stream = bodies.iter().map(|body| framed(body)).collect::<Vec<_>>().concat();
        prop_assert_eq!(&reference(&stream), &bodies);
        prop_assert_eq!(read(pieces(&stream, &distances)), (bodies, None));
    }

    /// What is no UTF-8 is read as Node's decoder reads it, also where that decides how long the frame is.
    #[test]
    fn invalid_utf8_is_replaced(
        parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 1..12),
        length in 0_usize..16,
        distances in prop::collection::vec(0_usize..4, 0..30),
    ) {
        let body = parts.concat();
        let stream = [format!("{length}#").into_bytes(), body, b"0#".to_vec()].concat();
        let (frames, _) = read(pieces(&stream, &distances));
        let expected = reference(&stream);
        prop_assert_eq!(&frames[..frames.len().min(1)], &expected[..expected.len().min(1)]);
    }
}

/// Whole letters, beginnings of letters, and what can be in none.
const PARTS: [&[u8]; 16] = [
    b"a",
    b"\xc3\xa9",
    b"\xe2\x82\xac",
    b"\xf0\x9f\x98\x80",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xf0\x9f",
    b"\xc3",
    b"\x80",
    b"\xff",
    b"\xc0\xaf",
    b"\xe0\x80\x80",
    b"\xed\xa0\xbd",
    b"\xf0\x80\x80\x80",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88",
];

#[test]
fn each_invalid_sequence_is_one_replacement_character() {
    // As `StringDecoder` of Node 20 has it.
    for (bytes, text) in [
        (&b"\xe2\x82A"[..], "\u{fffd}A"),
        (b"\xf0\x9f\x98A", "\u{fffd}A"),
        (b"\xed\xa0\xbd", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xc0\xaf", "\u{fffd}\u{fffd}"),
        (b"\xf0\x9f\xf0\x9f\x98\x80", "\u{fffd}😀"),
        (b"\xff", "\u{fffd}"),
    ] {
        let stream = [format!("{}#", text.encode_utf16().count()).as_bytes(), bytes, b"2#{}"].concat();
        let expected = (vec![text.to_owned(), "{}".to_owned()], None);
        assert_eq!(read([&stream[..]]), expected, "{bytes:x?}");
        assert_eq!(read(stream.chunks(1)), expected, "{bytes:x?}");
    }
}
