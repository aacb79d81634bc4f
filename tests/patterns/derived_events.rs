//! What `#[derive(EventPattern)]` writes.

use nestling::{EventError, EventKind, EventPattern, Pattern};
use serde::{Deserialize, Serialize};

mod rules {
    pub(crate) fn positive(event: &super::OrderCreated) -> Result<(), String> {
        if event.total_cents > 0 { Ok(()) } else { Err(format!("total_cents is {}", event.total_cents)) }
    }
}

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created", alias = { "event": "order_created" }, validate = rules::positive)]
struct OrderCreated {
    total_cents: u64,
}

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("cache.cleared", internal)]
struct CacheCleared;

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("$cache.started", reserved)]
enum CacheStarted {
    Cold,
    Warm(u32),
}

/// Compiles only for an event whose handlers answer `Result<(), EventError>`.
fn patterns<E: EventPattern<Kind = EventKind, Result = Result<(), EventError>>>() -> &'static [&'static str] {
    E::PATTERNS
}

fn internal<P: Pattern>() -> bool {
    P::INTERNAL
}

#[test]
fn patterns_are_json_texts() {
    assert_eq!(patterns::<OrderCreated>(), [r#""order.created""#, r#"{"event":"order_created"}"#]);
    assert_eq!(patterns::<CacheCleared>(), [r#""cache.cleared""#]);
    assert_eq!(patterns::<CacheStarted>(), [r#""$cache.started""#]);
}

#[test]
fn the_error_of_validate_is_told_as_text() {
    assert_eq!(OrderCreated { total_cents: 0 }.validate(), Err("total_cents is 0".to_owned()));
    assert_eq!(OrderCreated { total_cents: 1 }.validate(), Ok(()));
}

#[test]
fn only_what_is_internal_is_internal() {
    assert!(internal::<CacheCleared>());
    assert!(!internal::<OrderCreated>());
    assert!(!internal::<CacheStarted>());
}
