//! A letter as a message.

use async_nats::HeaderMap;
use bytes::Bytes;

use crate::dead_letter::{DeadLetter, StoreError};
use crate::metadata::Id;
use crate::transport::nats::cloud_event::encode;
use crate::transport::nats::subject::token;

/// The letter's own id.
pub(super) const LETTER: &str = "nestling-letter";
/// The id under which its last failure was recorded, by which one that is written twice is known.
const RECORD: &str = "nestling-record";
/// The session of the node that replays it.
const CLAIM: &str = "nestling-claim";

/// A letter as the stream has it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) letter: DeadLetter,
    pub(super) record: String,
    pub(super) claim: Option<String>,
    /// The message's place in the stream.
    pub(super) sequence: u64,
}

/// The subject of a letter: the same for what is the same letter.
pub(super) fn subject(prefix: &str, letter: &DeadLetter) -> String {
    let key =
        key(&[&letter.event_id.to_string(), &letter.service, &letter.subscription, letter.route.as_str()]);
    format!("{prefix}.{}.{}.{key:032x}", place(&letter.node), place(&letter.service))
}

/// The subjects of a service's letters.
pub(super) fn subjects_of(prefix: &str, service: Option<&str>) -> String {
    match service {
        Some(service) => format!("{prefix}.*.{}.*", place(service)),
        None => format!("{prefix}.>"),
    }
}

/// A name as a token; a name may be empty, and a token may not.
fn place(name: &str) -> String {
    if name.is_empty() { "%".to_owned() } else { token(name) }
}

/// 128 bits of FNV-1a: it is stable, and so many bits are no more the same by chance than two UUIDs.
fn key(parts: &[&str]) -> u128 {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let mut add = |byte: u8| hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    for part in parts {
        part.bytes().for_each(&mut add);
        // No text holds it, so that no two lists of parts look the same.
        add(0xff);
    }
    hash
}

impl Stored {
    /// The headers: what a NATS tool shows at a glance, and what is not the letter's own.
    pub(super) fn headers(&self) -> HeaderMap {
        let Self { letter, record, claim, .. } = self;
        let mut headers = HeaderMap::new();
        headers.insert(LETTER, encode(letter.id.to_string()));
        headers.insert(RECORD, record.as_str());
        headers.insert("nestling-status", letter.status.as_str());
        headers.insert("nestling-reason", letter.reason.as_str());
        headers.insert("nestling-service", encode(&letter.service));
        headers.insert("nestling-route", encode(letter.route.as_str()));
        headers.insert("nestling-event-id", encode(letter.event_id.to_string()));
        if let Some(claim) = claim {
            headers.insert(CLAIM, claim.as_str());
        }
        headers
    }

    /// The record as JSON.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn body(&self) -> Result<Bytes, StoreError> {
        serde_json::to_vec(&self.letter)
            .map(Bytes::from)
            .map_err(|error| StoreError::Refused(format!("it cannot be serialised: {error}")))
    }

    /// A letter from a message.
    ///
    /// # Errors
    ///
    /// What is wrong with it: it is none, or a later version's.
    pub(super) fn read(headers: Option<&HeaderMap>, body: &[u8], sequence: u64) -> Result<Self, String> {
        let letter: DeadLetter = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let header =
            |name| headers.and_then(|headers| headers.get(name)).map(|value| value.as_str().to_owned());
        let record = header(RECORD).unwrap_or_default();
        Ok(Self { letter, record, claim: header(CLAIM), sequence })
    }
}

/// The id of the letter in a message of which only the headers are known.
pub(super) fn id_in(headers: Option<&HeaderMap>) -> Option<Id> {
    headers?.get(LETTER).map(|id| Id::from(id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_fnv_and_tell_parts_apart() {
        // The hash of the empty text is the offset; 0xff is added after each part.
        assert_eq!(key(&[]), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["", "a"]), key(&["a", ""]));
    }

    #[test]
    fn an_empty_name_is_told_from_every_other() {
        assert_ne!(place(""), place("%"));
        assert_eq!(place("a.b"), "a%2Eb");
    }
}
