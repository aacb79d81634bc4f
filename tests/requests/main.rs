//! Messages: request and response, through the client and through the address.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod a_client_works_from_any_thread_and_runtime;
mod a_context_has_its_nodes_client;
mod a_delivery_brings_the_metadata;
mod a_service_may_have_another_type_on_the_route;
mod address_and_client_reach_the_same_handler;
mod an_idle_service_is_run_by_its_sender;
mod correlation_and_causation;
mod declarations_that_do_not_fit;
mod errors_can_be_serialised;
mod errors_name_the_pattern;
mod json_messages;
mod order_and_overlap;
mod patterns_known_only_at_run_time;
mod rpc_errors_are_any_json;
mod senders_that_never_wait_let_others_go_on;
mod support;
mod the_mailbox_keeps_its_order;
mod the_request_lane_is_bounded;
mod timeouts;
mod unavailable_services;
mod undefined_is_not_null;
mod what_a_sender_runs_is_at_home;
mod what_nobody_waits_for;
