//! Metadata as headers, alike in every transport: three names carry this crate's ids, all others are the sender's.

use std::time::SystemTime;

use crate::metadata::{Headers, Id, Metadata};
use crate::pattern::Route;

pub(super) const MESSAGE_ID: &str = "x-message-id";
pub(super) const CORRELATION_ID: &str = "x-correlation-id";
pub(super) const CAUSATION_ID: &str = "x-causation-id";

/// The longest id that is taken from a peer, in characters. Others are passed over, as if there were none.
pub(super) const LONGEST_ID: usize = 256;

/// Whether a header of that name is one of the ids, and none of the sender's.
pub(super) fn is_id(name: &str) -> bool {
    matches!(name, MESSAGE_ID | CORRELATION_ID | CAUSATION_ID)
}

/// Takes an id out of the headers; one that is empty or too long is none.
pub(super) fn take_id(headers: &mut Headers, name: &str) -> Option<Id> {
    let id = headers.remove(name)?;
    let fits = !id.is_empty() && (id.len() <= LONGEST_ID || id.chars().count() <= LONGEST_ID);
    fits.then(|| Id::from(id))
}

/// What a peer has sent, as metadata: its ids where it sent them, the other headers as they came. The time is now.
pub(super) fn from_headers(route: Route, mut headers: Headers) -> Metadata {
    let mut take = |name| take_id(&mut headers, name);
    let (id, correlation, causation) = (take(MESSAGE_ID), take(CORRELATION_ID), take(CAUSATION_ID));
    Metadata::restored(route, id.unwrap_or_default(), SystemTime::now(), headers, correlation, causation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
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
