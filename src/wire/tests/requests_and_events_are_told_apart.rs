//! What a server reads out of a packet.

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::super::Incoming;

fn get(value: Option<&RawValue>) -> Option<&str> {
    value.map(RawValue::get)
}

#[test]
fn a_request_has_an_id_be_it_null() {
    for id in
        ["null", "0", "false", "\"\"", r#"{"a":[1]}"#, r#""f77290193adca68c03180""#, "1.50", r#""\u0041""#]
    {
        let frame = format!(r#"{{"pattern":"sum","data":[1, 2],"id":{id}}}"#);
        let incoming = Incoming::read(&frame).unwrap();
        // As it came, to the letter.
        assert_eq!(get(incoming.id), Some(id));
        assert_eq!((get(incoming.pattern), get(incoming.data)), (Some("\"sum\""), Some("[1, 2]")));
    }
}

#[test]
fn an_event_has_none() {
    let incoming = Incoming::read(r#"{"pattern":"{\"cmd\":\"sum\"}","data":1}"#).unwrap();
    assert_eq!(get(incoming.id), None);
    assert_eq!(get(incoming.pattern), Some(r#""{\"cmd\":\"sum\"}""#));
}

#[test]
fn absent_data_is_not_null() {
    assert_eq!(get(Incoming::read(r#"{"pattern":"echo","id":"U"}"#).unwrap().data), None);
    assert_eq!(get(Incoming::read(r#"{"pattern":"echo","data":null,"id":"U"}"#).unwrap().data), Some("null"));
}

#[test]
fn other_json_has_no_pattern() {
    for frame in ["null", "5", "[1]", "\"hey\"", "{}", " { } ", "1e999", "true", r#"{"raw":1}"#] {
        let incoming = Incoming::read(frame).unwrap_or_else(|error| panic!("{frame}: {error}"));
        assert!(incoming.pattern.is_none() && incoming.id.is_none(), "{frame}");
    }
}

#[test]
fn what_is_no_json_is_an_error() {
    for frame in
        ["", "{", "{}{}", "{} x", "nul", "[1", "{\"a\":}", "{a:1}", "\u{feff}{}", "{\"a\":01}", "\"\n\""]
    {
        let error = Incoming::read(frame).expect_err(frame).to_string();
        assert!(error.starts_with("the peer sent a frame that is no JSON: "), "{error}");
    }
}

#[test]
fn the_last_of_a_key_counts_also_where_it_is_written_in_escapes() {
    let frame = r#"{"id":1,"pattern":"a","\u0070attern":"b","i\u0064":2,"data":1,"data":null}"#;
    let incoming = Incoming::read(frame).unwrap();
    assert_eq!(
        (get(incoming.pattern), get(incoming.id), get(incoming.data)),
        (Some("\"b\""), Some("2"), Some("null"))
    );
}

#[test]
fn deep_nesting_is_no_matter() {
    let data = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let frame = format!(r#"{{"pattern":"deep","data":{data},"id":1}}"#);
    assert_eq!(get(Incoming::read(&frame).unwrap().data), Some(&data[..]));
}

#[test]
fn metadata_are_headers() {
    let frame = r#"{"pattern":"p","metadata":{"traceparent":"00-1","n":1.50,"yes":true,"é\n":"\"","no":null,"o":{},
        "a":[],"twice":"1","twice":null}}"#;
    let headers = Incoming::read(frame).unwrap().headers();
    let expected = [("n", "1.50"), ("traceparent", "00-1"), ("yes", "true"), ("é\n", "\"")];
    assert_eq!(
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(),
        expected
    );
    for metadata in ["null", "[]", "\"x\"", "7", "{}"] {
        let frame = format!(r#"{{"pattern":"p","metadata":{metadata}}}"#);
        assert!(Incoming::read(&frame).unwrap().headers().is_empty(), "{metadata}");
    }
    assert!(Incoming::read("{}").unwrap().headers().is_empty());
}

proptest! {
    #[test]
    fn the_order_of_keys_does_not_matter(
        keys in Just(vec!["pattern", "data", "id", "metadata", "foreign"]).prop_shuffle(),
        kept in prop::collection::vec(any::<bool>(), 5),
        value in prop::sample::select(vec!["null", "{\"id\":1}", "[\"pattern\"]", "-1.5e3", "\"\\\"id\\\":1\""]),
        space in prop::sample::select(vec!["", " ", "\n\t"]),
    ) {
        let kept: Vec<&str> = keys.into_iter().zip(kept).filter_map(|(key, kept)| kept.then_some(key)).collect();
        let entries: Vec<String> =
            kept.iter().map(|key| format!("{space}\"{key}\"{space}:{space}{value}{space}")).collect();
        let frame = format!("{space}{{{}}}{space}", entries.join(","));
        let incoming = Incoming::read(&frame).unwrap();
        for (key, read) in [
            ("pattern", incoming.pattern),
            ("data", incoming.data),
            ("id", incoming.id),
            ("metadata", incoming.metadata),
        ] {
            prop_assert_eq!(get(read), kept.contains(&key).then_some(value));
        }
    }
}
