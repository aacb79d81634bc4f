//! The TCP server, as a peer sees it that knows NestJS's frames and nothing of this crate.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod bad_peers_harm_nobody;
mod captured_examples;
mod connections_are_limited;
mod connections_are_limited_in_time;
mod dead_letters_hold_peers_back;
mod errors_leak_nothing;
mod events_reach_their_subscribers;
mod events_that_are_refused_are_dead_letters;
mod frames_split_anywhere;
mod garbage_ends_the_connection;
mod ids_come_back_verbatim;
mod logs;
mod lost_connections_take_their_requests_back;
mod metadata_comes_along;
mod misfits_name_pattern_and_field;
mod patterns_find_their_handlers;
mod replies_that_are_not_read_are_bounded;
mod reply_sequences;
mod requests_in_flight_are_limited;
mod services_of_every_placement_answer;
mod shutdown_answers_what_is_in_flight;
mod support;
mod where_it_listens;
