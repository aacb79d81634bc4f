//! The frame reader allocates for what has come, not for what a peer says will come, gives it back, and does not look
//! at a byte more often than a few times.

use super::super::frame::SLACK;
use super::super::{FrameError, FrameReader};
use super::support::{feed, framed, take};

const MEGABYTE: usize = 1024 * 1024;

#[test]
fn a_length_that_is_only_claimed_allocates_nothing() {
    let mut reader = FrameReader::new(64 * MEGABYTE);
    feed(&mut reader, b"60000000#{");
    assert_eq!(reader.next(), Ok(None));
    reader.space();
    assert!(reader.capacity() < 16 * 1024, "{}", reader.capacity());
}

#[test]
fn the_buffer_grows_with_what_has_come_and_shrinks_again() {
    let mut reader = FrameReader::new(64 * MEGABYTE);
    let body = "x".repeat(16 * MEGABYTE);
    let stream = framed(&body);
    let mut seen = 0;
    for piece in stream.chunks(100_000) {
        seen += piece.len();
        feed(&mut reader, piece);
        assert!(reader.capacity() <= 2 * seen + SLACK, "{} for {seen} bytes", reader.capacity());
        if seen < stream.len() {
            assert_eq!(reader.next(), Ok(None));
        }
    }
    assert_eq!(reader.next().map(|frame| frame.map(str::len)), Ok(Some(body.len())));
    reader.space();
    assert!(reader.capacity() <= SLACK, "{} after the frame", reader.capacity());
}

/// As much is read at a time as there is space for.
#[test]
fn a_flood_takes_no_more_than_the_limit_and_some_slack() {
    let limit = MEGABYTE;
    for body in ["x".repeat(limit), "x".repeat(limit / 3), "x".repeat(50), "日".repeat(limit / 3)] {
        let stream = framed(&body).repeat(1 + 8 * limit / body.len());
        let mut reader = FrameReader::new(limit);
        let (mut rest, mut frames) = (&stream[..], 0);
        while !rest.is_empty() {
            let space = reader.space();
            let (now, later) = rest.split_at(rest.len().min(space.capacity() - space.len()));
            space.extend_from_slice(now);
            rest = later;
            while reader.next().unwrap().is_some() {
                frames += 1;
            }
            assert!(reader.capacity() <= limit + SLACK, "{} for frames of {}", reader.capacity(), body.len());
        }
        assert_eq!(frames, 1 + 8 * limit / body.len());
    }
}

#[test]
fn a_reader_at_rest_has_no_memory() {
    let mut reader = FrameReader::new(MEGABYTE);
    feed(&mut reader, b"2#{}5#hal");
    assert_eq!(reader.next(), Ok(Some("{}")));
    assert_eq!(reader.next(), Ok(None));
    reader.rest();
    feed(&mut reader, b"lo");
    assert_eq!(reader.next(), Ok(Some("hallo")));
    reader.rest();
    assert_eq!((reader.capacity(), reader.is_mid_frame()), (0, false));
    feed(&mut reader, b"2#{}");
    assert_eq!(reader.next(), Ok(Some("{}")));
}

#[test]
fn a_frame_has_at_most_as_many_bytes_as_the_limit() {
    let limit = 999;
    for (body, fits) in [
        ("x".repeat(999), true),
        ("x".repeat(1000), false),
        ("日".repeat(333), true),
        ("日".repeat(334), false),
        ("😀".repeat(249), true),
        ("😀".repeat(250), false),
    ] {
        let announced = body.encode_utf16().count();
        for size in [1, 7, 5000] {
            let mut reader = FrameReader::new(limit);
            let mut frames = Vec::new();
            let result = framed(&body).chunks(size).try_for_each(|piece| {
                feed(&mut reader, piece);
                take(&mut reader, &mut frames)
            });
            let expected = if fits { Ok(()) } else { Err(FrameError::TooLong { announced, limit }) };
            assert_eq!((result, frames.len()), (expected, usize::from(fits)), "in pieces of {size}");
        }
    }
}

#[test]
fn what_is_put_in_place_of_invalid_bytes_counts_too() {
    let mut reader = FrameReader::new(999);
    feed(&mut reader, &[b"333#", &[0xff; 333][..]].concat());
    assert_eq!(reader.next().map(|frame| frame.map(str::len)), Ok(Some(999)));
    feed(&mut reader, &[b"334#", &[0xff; 334][..]].concat());
    assert!(matches!(reader.next(), Err(FrameError::TooLong { limit: 999, .. })));
}

/// If the work were quadratic, these would take hours.
#[test]
fn many_small_frames_and_many_small_pieces() {
    let mut reader = FrameReader::new(64 * MEGABYTE);
    let mut frames = Vec::new();
    let space = reader.space();
    space.extend_from_slice(&b"2#{}".repeat(1_000_000));
    take(&mut reader, &mut frames).unwrap();
    assert_eq!(frames.len(), 1_000_000);
    for body in ["x".repeat(2 * MEGABYTE), "é日😀x".repeat(MEGABYTE / 4)] {
        for byte in framed(&body) {
            feed(&mut reader, &[byte]);
            frames.clear();
            take(&mut reader, &mut frames).unwrap();
        }
        assert!(frames == [body]);
    }
}
