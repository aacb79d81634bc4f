//! What the server says to a published event.

use async_nats::{Message, StatusCode};
use serde::Deserialize;

/// What the server says to a published event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ack {
    Stored,
    /// Not now: it has no leader, no stream, or no time. It is worth another try.
    Later(String),
    /// It does not take it.
    Refused(String),
}

#[derive(Deserialize)]
struct Reply {
    error: Option<Problem>,
    stream: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    code: u16,
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl Ack {
    pub(super) fn read(message: &Message) -> Self {
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return Self::Later("no stream of the server takes its subject".to_owned());
        }
        match serde_json::from_slice(&message.payload) {
            Ok(Reply { error: Some(Problem { code, err_code, description }), .. }) => {
                let text = format!("{description} (JetStream error {err_code})");
                // Such as "system temporarily unavailable"; a full stream that discards what is new has 400 and 503,
                // and does not empty itself in a moment either.
                if code == 503 && err_code == 10_008 { Self::Later(text) } else { Self::Refused(text) }
            }
            Ok(Reply { stream: Some(_), .. }) => Self::Stored,
            Ok(Reply { .. }) => Self::Refused("the answer of the server names no stream".to_owned()),
            Err(error) => Self::Refused(format!("the answer of the server cannot be read: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &'static str, status: Option<StatusCode>) -> Ack {
        let length = payload.len();
        let (headers, reply, description) = (None, None, None);
        Ack::read(&Message {
            subject: "x".into(),
            reply,
            payload: payload.into(),
            headers,
            status,
            description,
            length,
        })
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(read(r#"{"stream":"ORDERS","seq":1}"#, None), Ack::Stored);
        assert_eq!(read(r#"{"stream":"ORDERS","seq":1,"duplicate":true}"#, None), Ack::Stored);
        assert!(matches!(read("", Some(StatusCode::NO_RESPONDERS)), Ack::Later(_)));
        let unavailable =
            r#"{"error":{"code":503,"err_code":10008,"description":"unavailable"},"stream":"","seq":0}"#;
        assert!(matches!(read(unavailable, None), Ack::Later(_)));
        let full = r#"{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"}}"#;
        assert_eq!(
            read(full, None),
            Ack::Refused("maximum messages exceeded (JetStream error 10077)".to_owned())
        );
        assert!(matches!(read("what", None), Ack::Refused(_)));
    }
}
