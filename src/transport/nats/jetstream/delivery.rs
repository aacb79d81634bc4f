//! A message as a consumer delivers it, and the words with which it is answered.

use std::borrow::Cow;
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::{HeaderName, Message};
use bytes::Bytes;

use crate::transport::metadata::{LONGEST_ID, MESSAGE_ID};
use crate::transport::nats::cloud_event;

/// What the reply subject of a message says about its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delivered {
    /// How many times it has been delivered, this time included.
    pub(super) times: u32,
    /// Its place in the stream.
    pub(super) sequence: u64,
}

impl Delivered {
    /// Reads `$JS.ACK.<stream>.<consumer>.<times>.<sequence>.<..>.<time>.<pending>`, with the domain and the account
    /// behind the prefix in newer servers: <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md>.
    pub(super) fn read(reply: &str) -> Option<Self> {
        let mut tokens = reply.strip_prefix("$JS.ACK.")?.split('.');
        let skipped = match tokens.clone().count() {
            7 => 2,
            9.. => 4,
            _ => return None,
        };
        let times = tokens.nth(skipped)?.parse::<u64>().ok()?;
        let sequence = tokens.next()?.parse().ok()?;
        Some(Self { times: u32::try_from(times).unwrap_or(u32::MAX), sequence })
    }
}

/// A message with an id: each time it is delivered it must have the same. Where its publisher gave it none, it is the
/// server's, or its place in the stream.
pub(super) fn with_id<'a>(message: &'a Message, stream: &str, sequence: u64) -> Cow<'a, Message> {
    let header = |name| message.headers.as_ref().and_then(|headers| headers.get(name));
    let is_named = |name| header(HeaderName::from_static(name)).is_some();
    let is_structured = || {
        let content_type = header(HeaderName::from_static("content-type"));
        content_type.is_some_and(|it| cloud_event::is_structured(it.as_str()))
    };
    if is_named(MESSAGE_ID) || is_named("ce-id") || is_structured() {
        return Cow::Borrowed(message);
    }
    let own = header(NATS_MESSAGE_ID)
        .map(ToString::to_string)
        .filter(|id| !id.is_empty() && id.len() <= LONGEST_ID);
    let id = own.unwrap_or_else(|| format!("{stream}:{sequence}"));
    let mut message = message.clone();
    message.headers.get_or_insert_default().insert(MESSAGE_ID, id);
    Cow::Owned(message)
}

/// What a message is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has been handled.
    Ack,
    /// It is to be delivered again, this much later.
    Nak(Duration),
    /// It is not to be delivered again, though it has not been handled.
    Term,
    /// It is still in work.
    InProgress,
}

impl Answer {
    pub(super) fn payload(self) -> Bytes {
        match self {
            Self::Ack => Bytes::from_static(b"+ACK"),
            Self::Nak(Duration::ZERO) => Bytes::from_static(b"-NAK"),
            Self::Nak(delay) => {
                // The server reads it as a signed number; the longest is 292 years.
                let delay = i64::try_from(delay.as_nanos()).unwrap_or(i64::MAX);
                format!("-NAK {{\"delay\":{delay}}}").into()
            }
            Self::Term => Bytes::from_static(b"+TERM"),
            Self::InProgress => Bytes::from_static(b"+WPI"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_reply_are_read() {
        let expected = Some(Delivered { times: 3, sequence: 100 });
        for reply in [
            "$JS.ACK.ORDERS.shop-inventory.3.100.7.1790230470084404000.42",
            "$JS.ACK.hub.szMpdrwD.ORDERS.shop-inventory.3.100.7.1790230470084404000.42",
            "$JS.ACK._.szMpdrwD.ORDERS.shop-inventory.3.100.7.1790230470084404000.42.token",
        ] {
            assert_eq!(Delivered::read(reply), expected, "{reply}");
        }
        for reply in ["", "$JS.ACK.", "$JS.ACK.a.b.1.2.3.4", "_INBOX.a.b.1.2.3.4.5", "$JS.ACK.a.b.x.2.3.4.5"]
        {
            assert_eq!(Delivered::read(reply), None, "{reply}");
        }
    }

    #[test]
    fn a_delay_is_in_nanoseconds() {
        assert_eq!(&Answer::Nak(Duration::from_secs(6)).payload()[..], b"-NAK {\"delay\":6000000000}");
        assert_eq!(&Answer::Nak(Duration::ZERO).payload()[..], b"-NAK");
    }
}
