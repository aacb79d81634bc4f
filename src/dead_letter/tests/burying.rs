//! What becomes of a failure that is buried.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::ser::Error as _;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::super::*;
use super::support::{Node, error, event, local, now, room, route};
use crate::error::EventError;
use crate::event::{Envelope, SharedEvent};
use crate::metadata::{Id, Metadata, TRACEPARENT};

async fn only(letters: &DeadLetters) -> DeadLetter {
    let mut found = letters.list(Filter::new()).await.unwrap().letters;
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[test]
fn the_letter_says_all_that_is_known() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let headers =
            [("tenant".to_owned(), "a".to_owned()), (TRACEPARENT.to_owned(), "00-aa-bb-01".to_owned())];
        let emitted_at = now() - Duration::from_secs(9);
        let metadata = Metadata::restored(
            route("order.created"),
            Id::from("order-17"),
            emitted_at,
            headers.clone().into(),
            Some(Id::from("all")),
            Some(Id::from("cause")),
        );
        let event: SharedEvent = Arc::new(Envelope::new(metadata, json!({ "b": 1.50, "a": [null] })));
        let mut history = History::new();
        let (first, last) = (now() - Duration::from_secs(3), now() - Duration::from_secs(1));
        history.failed(first, "once", Duration::from_secs(2));
        history.failed(last, "twice", Duration::ZERO);
        let cause = "x".parse::<u32>().unwrap_err();
        let failure = Failure {
            panic_location: Some("mail.rs:1:2".to_owned()),
            ..Failure::from_event_error(&EventError::from(cause.clone()))
        };
        sink.bury(&event, "mail", "mailed", failure, Some(history));

        let letter = only(&letters).await;
        assert_eq!(letter.event_id, Id::from("order-17"));
        assert_eq!(letter.route, route("order.created"));
        assert_eq!(letter.payload.get(), event.json().unwrap());
        assert_eq!(letter.service, "mail");
        assert_eq!(letter.reason, Reason::HandlerError);
        assert_eq!(letter.error_type, std::any::type_name::<std::num::ParseIntError>());
        assert_eq!(letter.error_message, cause.to_string());
        assert_eq!(letter.panic_location.as_deref(), Some("mail.rs:1:2"));
        assert_eq!((letter.attempts, letter.attempt_log.len()), (2, 2));
        assert_eq!(letter.attempt_log[0].delay, Duration::from_secs(2));
        assert_eq!((letter.emitted_at, letter.first_failed_at, letter.failed_at), (emitted_at, first, last));
        assert_eq!(letter.headers, headers.into());
        assert_eq!(letter.correlation_id, Id::from("all"));
        assert_eq!(letter.causation_id, Some(Id::from("cause")));
        assert_eq!(letter.traceparent.as_deref(), Some("00-aa-bb-01"));
        assert_eq!((letter.node.as_str(), letter.version.as_str()), ("test", "1.2.3"));
        assert_eq!(letter.pid, std::process::id());
        assert!(!letter.host.is_empty());
        assert_eq!(letter.fingerprint.len(), 16);
        assert_eq!((letter.status, letter.replay_count), (Status::New, 0));
        let text = serde_json::to_string(&letter).unwrap();
        let back: DeadLetter = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
    });
}

#[test]
fn the_causes_are_told_nearest_first() {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot send")]
    struct Outer(#[source] Inner);
    #[derive(Debug, thiserror::Error)]
    #[error("no route")]
    struct Inner(#[source] std::num::ParseIntError);
    let deepest = "x".parse::<u32>().unwrap_err();
    let failure = Failure::from_event_error(&EventError::from(Outer(Inner(deepest.clone()))));
    assert_eq!(failure.message, "cannot send");
    assert_eq!(failure.chain, ["no route".to_owned(), deepest.to_string()]);
}

#[test]
fn an_event_that_no_handler_saw_has_no_attempts() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let before = now();
        sink.bury(&event("a", 1), "mail", "mailed", Failure::new(Reason::InboxFull, "full", "full"), None);
        let letter = only(&letters).await;
        assert_eq!((letter.attempts, letter.attempt_log.len()), (0, 0));
        assert_eq!(letter.first_failed_at, letter.failed_at);
        assert!((before..=now()).contains(&letter.failed_at));
    });
}

/// Cannot be serialised.
struct Stubborn;

impl serde::Serialize for Stubborn {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("a stubborn payload"))
    }
}

#[test]
fn a_payload_that_cannot_be_serialised_is_null_and_says_so() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        sink.bury(
            &event("a", Stubborn),
            "mail",
            "mailed",
            Failure::new(Reason::Shutdown, "shutdown", "the end"),
            None,
        );
        let letter = only(&letters).await;
        assert_eq!(letter.reason, Reason::Encode);
        assert_eq!(letter.payload.get(), "null");
        assert!(letter.error_message.starts_with("the end; "), "{}", letter.error_message);
        assert!(letter.error_message.contains("a stubborn payload"), "{}", letter.error_message);
    });
}

#[test]
fn what_a_handler_did_says_more_than_a_payload_that_cannot_be_serialised() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        sink.bury(
            &event("a", Stubborn),
            "mail",
            "mailed",
            Failure::new(Reason::Panic, "panic", "x".repeat(20_000)),
            None,
        );
        let letter = only(&letters).await;
        assert_eq!(letter.reason, Reason::Panic);
        assert!(letter.error_message.contains("a stubborn payload"));
        assert!(letter.error_message.len() <= 16 * 1024);
    });
}

#[test]
fn the_same_event_of_the_same_service_is_one_letter() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let event = event("a", 1);
        sink.bury(&event, "mail", "mailed", error("first"), None);
        let first = only(&letters).await;
        sink.bury(&event, "mail", "mailed", error("second"), None);
        let second = only(&letters).await;
        assert_eq!((&second.id, second.first_failed_at), (&first.id, first.first_failed_at));
        assert_eq!(second.error_message, "second");
        sink.bury(&event, "audit", "mailed", error("third"), None);
        assert_eq!(letters.list(Filter::new()).await.unwrap().letters.len(), 2);
        assert_eq!(letters.stats().recorded, 3);
    });
}

#[test]
fn a_failure_about_dead_letters_is_logged_and_counted_only() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let node = Node::handling().behind(&letters);
        sink.bury(&event("$dead_letter", 1), "alarm", "mailed", error("no"), None);
        sink.bury(&event("dead_letter", 1), "alarm", "mailed", error("no"), None);
        assert_eq!(only(&letters).await.route, route("dead_letter"));
        let stats = letters.stats();
        assert_eq!((stats.not_kept, stats.recorded, stats.written), (1, 1, 1));
        letters.flush().await.unwrap();
        assert_eq!(node.announced.lock().unwrap().len(), 1);
    });
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[test]
fn a_failure_is_logged_once_with_its_fields() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(lines.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        local(async {
            let (sink, letters) = room(MemoryStore::new(10));
            let event = event("order.created", 1);
            sink.bury(&event, "mail", "mailed", error("no route"), None);
            let panic = Failure {
                panic_location: Some("a.rs:1:2".to_owned()),
                ..Failure::new(Reason::Panic, "panic", "boom")
            };
            sink.bury(&event, "audit", "mailed", panic, None);
            letters.flush().await.unwrap();
            let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            let logged: Vec<_> = text.lines().collect();
            assert_eq!(logged.len(), 2, "{text}");
            let id = format!("id={}", event.metadata().id());
            for part in [
                "WARN",
                "service=mail",
                "pattern=order.created",
                "reason=handler_error",
                "error=no route",
                "attempts=0",
                &id,
                "correlation_id=",
            ] {
                assert!(logged[0].contains(part), "{part}: {text}");
            }
            for part in
                ["ERROR", "service=audit", "reason=panic", "error=boom", "panic_location=\"a.rs:1:2\""]
            {
                assert!(logged[1].contains(part), "{part}: {text}");
            }
        });
    });
}
