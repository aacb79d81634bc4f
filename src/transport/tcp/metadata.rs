//! The `metadata` object of requests and events: strings by name, as in NestJS 12. Three names carry this crate's ids,
//! all others are the sender's headers.

use std::fmt::Display;
use std::time::SystemTime;

use serde::Serializer;

use crate::metadata::{Headers, Id, Metadata};
use crate::pattern::Route;

const MESSAGE_ID: &str = "x-message-id";
const CORRELATION_ID: &str = "x-correlation-id";
const CAUSATION_ID: &str = "x-causation-id";

/// The longest id that is taken from a peer, in characters. Others are passed over, as if there were none.
const LONGEST_ID: usize = 256;

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
        if !matches!(name.as_str(), MESSAGE_ID | CORRELATION_ID | CAUSATION_ID) {
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

/// What a peer has sent, as metadata: its ids where it sent them, the other headers as they came. The time is now.
pub(crate) fn from_headers(route: Route, mut headers: Headers) -> Metadata {
    let mut take = |name: &str| {
        let id = headers.remove(name)?;
        let fits = !id.is_empty() && (id.len() <= LONGEST_ID || id.chars().count() <= LONGEST_ID);
        fits.then(|| Id::from(id))
    };
    let (id, correlation, causation) = (take(MESSAGE_ID), take(CORRELATION_ID), take(CAUSATION_ID));
    Metadata::restored(route, id.unwrap_or_default(), SystemTime::now(), headers, correlation, causation)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn ids_from_outside_are_bounded() {
        let id = |text: String| from_headers("r".into(), headers(&[(MESSAGE_ID, &text)])).id().to_string();
        assert_eq!(id("é".repeat(256)), "é".repeat(256));
        for refused in ["é".repeat(257), "x".repeat(1 << 20), String::new()] {
            assert_eq!(id(refused).len(), 36, "an id of our own");
        }
        let causation = headers(&[(CAUSATION_ID, &"x".repeat(257)), (CORRELATION_ID, "")]);
        let came = from_headers("r".into(), causation);
        assert_eq!((came.causation_id(), came.correlation_id()), (None, came.id()));
        assert!(came.headers().is_empty());
    }
}
