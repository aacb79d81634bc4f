//! A frame that is written is read back as it was; one that cannot be leaves no trace.

use proptest::prelude::*;
use serde::{Serialize, Serializer, ser::Error, ser::SerializeSeq};

use super::super::*;
use super::support::{framed, read};

const ID: &str = r#""ID1""#;

fn append(out: &mut Vec<u8>, body: &str) {
    plain_frame(out, |out| out.extend_from_slice(body.as_bytes()));
}

#[test]
fn headers_of_every_width() {
    for length in [0, 1, 9, 10, 99, 100, 999, 1000, 65_536, 1_000_000] {
        let body = "x".repeat(length);
        let mut out = b"2#{}".to_vec();
        append(&mut out, &body);
        assert!(out == [b"2#{}".to_vec(), framed(&body)].concat(), "{length}");
    }
}

#[test]
fn the_captured_frames() {
    let mut out = Vec::new();
    frame(&mut out, |out| request(out, r#"{"cmd":"sum"}"#, Some(&[1, 2]), None, ID)).unwrap();
    frame(&mut out, |out| event(out, r#""{\"cmd\":\"sum\"}""#, Some(&1), None)).unwrap();
    frame(&mut out, |out| request(out, r#""nope""#, Some(&1), None, ID)).unwrap();
    frame(&mut out, |out| request(out, r#""rpcstr""#, Some("x"), None, ID)).unwrap();
    plain_frame(&mut out, |out| reply_value(out, ID, Some("3"), true));
    plain_frame(&mut out, |out| reply_no_handler(out, ID));
    plain_frame(&mut out, |out| reply_failure(out, ID, "Internal server error"));
    let captured = [
        r#"49#{"pattern":{"cmd":"sum"},"data":[1,2],"id":"ID1"}"#,
        r#"40#{"pattern":"{\"cmd\":\"sum\"}","data":1}"#,
        r#"38#{"pattern":"nope","data":1,"id":"ID1"}"#,
        r#"42#{"pattern":"rpcstr","data":"x","id":"ID1"}"#,
        r#"43#{"response":3,"isDisposed":true,"id":"ID1"}"#,
        r#"105#{"id":"ID1","status":"error","err":"There is no matching message handler defined in the remote service."}"#,
        r#"89#{"err":{"status":"error","message":"Internal server error"},"isDisposed":true,"id":"ID1"}"#,
    ]
    .concat();
    assert_eq!(String::from_utf8(out).unwrap(), captured);
}

/// Fails, or panics, in the middle of an array.
struct Broken {
    panics: bool,
}

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(None)?;
        items.serialize_element("what was written of it")?;
        assert!(!self.panics, "no way to write this");
        Err(S::Error::custom("no word for this"))
    }
}

#[test]
fn what_fails_half_way_leaves_the_buffer_as_it_was() {
    let before = b"2#{}".to_vec();
    for (panics, expected) in [
        (false, "it cannot be serialised: no word for this"),
        (true, "its `Serialize` panicked: no way to write this"),
    ] {
        let broken = Broken { panics };
        let mut out = before.clone();
        for error in [
            frame(&mut out, |out| event(out, "42", Some(&broken), None)),
            frame(&mut out, |out| request(out, "42", Some(&broken), None, ID)),
            event(&mut out, "42", Some(&broken), None),
            request(&mut out, "42", Some(&broken), None, ID),
        ] {
            assert_eq!(error.unwrap_err().to_string(), expected);
        }
        assert_eq!(out, before);
    }
}

proptest! {
    #[test]
    fn a_written_frame_is_read_back(bodies in prop::collection::vec(r"\PC{0,300}", 1..5)) {
        let mut out = Vec::new();
        for body in &bodies {
            append(&mut out, body);
        }
        prop_assert_eq!(&out, &bodies.iter().map(|body| framed(body)).collect::<Vec<_>>().concat());
        prop_assert_eq!(read([&out[..]]), (bodies, None));
    }
}
