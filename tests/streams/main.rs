//! Stream patterns: a response of many items, through the client and through the address.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod a_panic_ends_its_own_stream_alone;
mod a_reader_that_goes_takes_its_stream_along;
mod a_running_stream_survives_a_restart;
mod a_service_may_have_another_type_on_the_route;
mod a_service_that_ends_ends_its_streams;
mod a_slow_reader_holds_its_stream_back;
mod a_stream_can_be_passed_on;
mod address_and_client_reach_the_same_handler;
mod an_error_is_the_last_item;
mod correlation_at_every_poll;
mod items_come_in_order;
mod patterns_known_only_at_run_time;
mod stats_count_streams_as_requests;
mod support;
mod timeouts;
