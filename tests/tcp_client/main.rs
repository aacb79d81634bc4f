//! The TCP client against a scripted peer that knows no more of the protocol than its frames.
#![cfg(feature = "tcp")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod closing;
mod events_are_sent_in_order;
mod lengths_count_utf16_code_units;
mod lost_connections_are_logged_once;
mod lost_connections_settle_all;
mod metadata_goes_along;
mod new_connections;
mod peer;
mod replies_find_their_requests;
mod requests_and_their_answers;
mod runtimes;
mod streams;
mod the_queue_is_bounded;
mod timeouts;
#[cfg(feature = "tls")]
mod tls;
mod types;
