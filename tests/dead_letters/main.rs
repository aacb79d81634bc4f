//! What is promised of dead letters, as a node keeps the promise: each file holds one. What their store does by itself is
//! tested beside it.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "../tcp_server/logs.rs"]
mod logs;
mod support;

mod failing_store_delays_nobody;
mod inspection;
#[cfg(feature = "sqlite")]
mod killed_process_keeps_what_was_confirmed;
mod reason_decode;
mod reason_encode;
mod reason_handler_error;
mod reason_inbox_full;
mod reason_invalid;
mod reason_no_subscriber;
mod reason_panic;
mod reason_service_failed;
#[cfg(feature = "sqlite")]
mod reason_shutdown;
mod reason_timeout;
mod reason_unsubscribed;
#[cfg(feature = "sqlite")]
mod replay_cut_off_by_the_nodes_end;
mod replay_fails_again;
mod replay_finds_the_subscription_made_again;
mod replay_goes_to_the_failed_subscription_only;
mod replay_waits_for_room;
mod replays_that_race;
#[cfg(feature = "sqlite")]
mod storm_stalls_nobody;
