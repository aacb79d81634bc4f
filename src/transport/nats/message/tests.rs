use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::metadata::Id;

fn message(subject: &str, headers: &[(&str, &str)], body: &[u8]) -> async_nats::Message {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, *value);
    }
    sent((Subject::from(subject), map, Bytes::copy_from_slice(body)))
}

fn sent((subject, headers, payload): (Subject, HeaderMap, Bytes)) -> async_nats::Message {
    let (status, description, length) = (None, None, payload.len());
    async_nats::Message { subject, reply: None, payload, headers: Some(headers), status, description, length }
}

fn event(metadata: Metadata, payload: &Value) -> SharedEvent {
    Arc::new(Envelope::new(metadata, payload.clone()))
}

fn payload(event: &SharedEvent) -> Value {
    serde_json::from_str(event.json().unwrap()).unwrap()
}

fn pairs(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn come(message: &async_nats::Message) -> SharedEvent {
    decode(message).unwrap()
}

#[test]
fn what_is_sent_is_what_comes() {
    let at = UNIX_EPOCH + Duration::new(1_795_420_800, 123_456_789);
    let headers = pairs(&[("tenant", "acme"), ("traceparent", "00-1-2-01"), ("x-message-id", "forged")]);
    let metadata = Metadata::restored(
        "order.created".into(),
        "ordér 17".into(),
        at,
        headers,
        Some("root \"1\"".into()),
        Some(Id::new()),
    );
    let original = event(metadata, &json!({ "order_id": 17 }));
    let sent = sent(encode(&original, "my shop").unwrap());
    assert_eq!(&sent.payload[..], br#"{"pattern":"order.created","data":{"order_id":17}}"#);
    let headers = sent.headers.as_ref().unwrap();
    let header = |name| headers.get(name).map(|value| value.as_str().to_owned());
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "ord%C3%A9r%2017"),
        ("ce-source", "/nestling/my%20shop"),
        ("ce-type", "order.created"),
        ("ce-time", "2026-11-23T08:00:00.123456789Z"),
        ("ce-correlationid", "root%20%221%22"),
        ("x-message-id", "ordér 17"),
        ("traceparent", "00-1-2-01"),
    ] {
        assert_eq!(header(name).as_deref(), Some(value), "{name}");
    }
    let came = come(&sent);
    let (was, is) = (original.metadata(), came.metadata());
    assert_eq!(
        (is.route(), is.id(), is.correlation_id(), is.causation_id(), is.emitted_at()),
        (was.route(), was.id(), was.correlation_id(), was.causation_id(), was.emitted_at()),
    );
    assert_eq!(is.headers(), &pairs(&[("tenant", "acme"), ("traceparent", "00-1-2-01")]));
    assert_eq!(payload(&came), json!({ "order_id": 17 }));
}

#[test]
fn a_foreign_cloud_event_is_its_body() {
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "A234%201"),
        ("ce-source", "/myco%7C"),
        ("ce-type", "com.example"),
        ("ce-time", "2018-04-05T17:31:00Z"),
        ("ce-correlationid", "c1"),
    ];
    let came = come(&message("order.created", &headers, br#"{"data":1,"id":"x","pattern":"other"}"#));
    assert_eq!(payload(&came), json!({ "data": 1, "id": "x", "pattern": "other" }));
    let metadata = came.metadata();
    assert_eq!((metadata.id(), metadata.correlation_id()), (&"A234 1".into(), &"c1".into()));
    assert_eq!(metadata.emitted_at(), UNIX_EPOCH + Duration::from_secs(1_522_949_460));
    assert_eq!(metadata.header("ce-source"), Some("/myco|"));
    assert_eq!(metadata.header("ce-type"), Some("com.example"));
}

#[test]
fn a_structured_cloud_event_is_read_too() {
    let body = br#"{"specversion":"1.0","id":"A 1","source":"/s","type":"t","data":{"a":1}}"#;
    let came = come(&message("x", &[("content-type", "application/cloudevents+json; charset=utf-8")], body));
    assert_eq!((came.metadata().id(), payload(&came)), (&"A 1".into(), json!({ "a": 1 })));
    assert_eq!(came.metadata().header("ce-source"), Some("/s"));
}

#[test]
fn foreign_bodies() {
    for (body, data) in [
        // NestJS's, with a pattern that is not looked at.
        (r#"{"pattern":{"ev":"obj"},"data":"x"}"#, json!("x")),
        (r#"{"pattern":"evt"}"#, json!(null)),
        (r#"{"data":[1,2]}"#, json!([1, 2])),
        // Anybody's.
        (r#"{"order_id":17}"#, json!({ "order_id": 17 })),
        (r#"{"id":"I","x":1}"#, json!({ "id": "I", "x": 1 })),
        (" 5\n", json!(5)),
        ("[1]", json!([1])),
        ("\"a\\ud800b\"", json!("a\u{fffd}b")),
        ("", json!(null)),
    ] {
        let came = come(&message("evt", &[], body.as_bytes()));
        assert_eq!((payload(&came), came.metadata().route().as_str()), (data, "evt"), "{body}");
    }
}

#[test]
fn metadata_of_a_packet_counts_where_the_headers_say_nothing() {
    let body =
        br#"{"pattern":"e","data":1,"metadata":{"tenant":"packet","region":"eu","x-message-id":"m1"}}"#;
    let came = come(&message("e", &[("tenant", "header")], body));
    assert_eq!(came.metadata().headers(), &pairs(&[("region", "eu"), ("tenant", "header")]));
    assert_eq!(came.metadata().id(), &"m1".into());
}

#[test]
fn a_request_is_no_event() {
    let request = br#"{"pattern":"sum","data":[1],"id":"i"}"#;
    assert!(matches!(decode(&message("sum", &[], request)), Err(Misfit::Request)));
}

#[test]
fn what_is_no_json_is_kept_as_text() {
    for (body, kept) in [(&b"plain text"[..], "plain text"), (b"\xff{", "\u{fffd}{"), (b"{\"a\":", "{\"a\":")]
    {
        let Err(Misfit::Unreadable { event, problem }) = decode(&message("evt", &[("tenant", "t")], body))
        else {
            panic!("{body:?} was read");
        };
        assert!(problem.contains("no JSON"), "{problem}");
        assert_eq!((payload(&event), event.metadata().header("tenant")), (json!(kept), Some("t")));
    }
}

#[test]
fn what_cannot_be_sent_says_why() {
    let of = |route: &str, headers: Headers| Metadata::new(route.into(), Some(Arc::new(headers)), None, None);
    let bad_route = event(of("{\"cmd\":\"a b\"}", Headers::new()), &json!(1));
    let problem = encode(&bad_route, "shop").unwrap_err();
    assert_eq!(problem.reason, Reason::Invalid);
    assert!(problem.message.contains("no NATS subject"), "{problem:?}");
    for (name, value, said) in [("a:b", "x", "no header's name"), ("tenant", "a\r\nb", "line break")] {
        let problem = encode(&event(of("evt", pairs(&[(name, value)])), &json!(1)), "shop").unwrap_err();
        assert_eq!(problem.reason, Reason::Encode);
        assert!(problem.message.contains(said), "{problem:?}");
    }
    let map: BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
    let no_json: SharedEvent = Arc::new(Envelope::new(of("evt", Headers::new()), map));
    assert!(encode(&no_json, "shop").unwrap_err().message.contains("cannot be serialised"));
}

#[test]
fn servers_headers_are_nobodys_metadata() {
    let came = come(&message("evt", &[("Nats-Msg-Id", "1"), ("nats-sequence", "7"), ("n", "1")], b"1"));
    assert_eq!(came.metadata().headers(), &pairs(&[("n", "1")]));
}

proptest! {
    #[test]
    fn any_payload_and_headers_come_as_they_went(
        text in "\\PC{0,30}",
        names in prop::collection::btree_map("[a-mo-wyz][a-z-]{0,8}", "[!-~]([ -~]{0,10}[!-~])?", 0..4),
    ) {
        let original = event(Metadata::new("evt".into(), Some(Arc::new(names.clone())), None, None), &json!({ "t": text }));
        let came = come(&sent(encode(&original, "shop").unwrap()));
        prop_assert_eq!(payload(&came), json!({ "t": text }));
        let kept: Headers = names.into_iter().filter(|(name, _)| !name.starts_with("ce-")).collect();
        let got: Headers = came.metadata().headers().clone().into_iter().filter(|(name, _)| !name.starts_with("ce-")).collect();
        prop_assert_eq!(got, kept);
    }

    #[test]
    fn reading_never_panics(body in prop::collection::vec(any::<u8>(), 0..60), json in "[{}\\[\\]\":,a-z0-9 \\\\]{0,40}") {
        let _ = decode(&message("evt", &[], &body));
        let _ = decode(&message("evt", &[("ce-specversion", "1.0")], json.as_bytes()));
    }
}

/// A request is no CloudEvent, though it may have headers that look like one's.
#[test]
fn what_the_sender_of_a_request_sets_comes() {
    let set = pairs(&[("ce-source", "/till"), ("ce-type", "x"), ("tenant", "acme")]);
    let metadata =
        Metadata::restored("sum".into(), Id::new(), UNIX_EPOCH, set.clone(), None, Some(Id::new()));
    let mut headers = HeaderMap::new();
    add_metadata(&mut headers, &metadata).unwrap();
    let packet = Incoming::default();
    let came = request_metadata("sum".into(), Some(&headers), &packet);
    assert_eq!((came.headers(), came.id()), (&set, metadata.id()));
    assert_eq!(came.causation_id(), metadata.causation_id());
}
