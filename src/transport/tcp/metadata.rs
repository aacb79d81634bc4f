//! The `metadata` object of requests and events: strings by name, as in NestJS 12.

use std::fmt::Display;

use serde::Serializer;

use crate::metadata::{Id, Metadata};
use crate::transport::metadata::{CAUSATION_ID, CORRELATION_ID, MESSAGE_ID, is_id};

/// Appends `{"name":"value",..}`. A header of the sender's that has the name of an id is left out.
///
/// The correlation id goes out if it is inherited: else it is the message's own.
pub(super) fn write(json: &mut Vec<u8>, metadata: &Metadata) {
    json.push(b'{');
    id(json, MESSAGE_ID, metadata.id());
    if let Some(correlation) = metadata.inherited_correlation() {
        json.push(b',');
        id(json, CORRELATION_ID, correlation);
    }
    if let Some(causation) = metadata.causation_id() {
        json.push(b',');
        id(json, CAUSATION_ID, causation);
    }
    for (name, value) in metadata.headers() {
        if !is_id(name) {
            json.push(b',');
            text(json, name);
            json.push(b':');
            text(json, value);
        }
    }
    json.push(b'}');
}

fn id(json: &mut Vec<u8>, name: &str, id: &Id) {
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
    text(json, id);
}

/// Appends a JSON string.
pub(super) fn text<T: Display + ?Sized>(json: &mut Vec<u8>, text: &T) {
    serde_json::Serializer::new(json).collect_str(text).expect("text always serialises, and a Vec takes all");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Headers;
    use crate::transport::metadata::from_headers;

    fn round_trip(metadata: &Metadata) -> Metadata {
        let mut json = Vec::new();
        write(&mut json, metadata);
        from_headers(metadata.route().clone(), serde_json::from_slice(&json).unwrap())
    }

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_sent_is_what_comes() {
        let names = headers(&[("tenant", "a\"cme"), ("traceparent", "00-1-2-01"), (MESSAGE_ID, "forged")]);
        let sent =
            Metadata::new("r".into(), Some(names.into()), Some("order \"17\"".into()), Some(Id::new()));
        let came = round_trip(&sent);
        assert_eq!(
            (came.route(), came.id(), came.correlation_id(), came.causation_id()),
            (sent.route(), sent.id(), sent.correlation_id(), sent.causation_id()),
        );
        assert_eq!(came.headers(), &headers(&[("tenant", "a\"cme"), ("traceparent", "00-1-2-01")]));
        let bare = Metadata::new("r".into(), None, None, None);
        let came = round_trip(&bare);
        assert_eq!((came.id(), came.correlation_id(), came.causation_id()), (bare.id(), bare.id(), None));
        assert!(came.headers().is_empty());
    }
}
