//! What is promised of events: each file holds one promise.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

mod aliases_reach_the_same_handler;
mod an_event_alone_is_like_any_other;
mod concurrency_gives_up_order;
mod confirmed_emit_is_no_dead_letter;
mod confirmed_emit_takes_room_left_by_a_retry;
mod confirmed_emit_to_itself_does_not_deadlock;
mod confirmed_emit_waits_for_room;
mod correlation_and_causation_are_carried;
mod delivery_shares_one_payload;
mod emit_never_waits_and_never_fails;
mod emit_runs_no_handler;
mod emitted_as_json;
mod event_without_subscriber;
mod every_response_kind;
mod flood_from_other_threads_starves_nobody;
mod flooded_service_starves_nobody;
mod lanes_are_bounded;
mod lifecycle_events;
mod metadata_is_the_same_everywhere;
mod order_is_kept;
mod own_lane;
mod payload_whose_drop_panics;
mod subscriptions_come_and_go;
mod wide_event_starves_nobody;
mod wildcards;
