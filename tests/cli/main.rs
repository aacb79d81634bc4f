//! The tool `nestling`, from outside: its binary is run against a node, or a file that a node made.

mod a_node_may_run_while_its_letters_are_read;
mod a_store_is_never_made;
mod bench_counts_what_was_answered;
mod closed_stdout_is_no_failure;
mod dead_letters_are_listed;
mod discard_takes_what_is_new;
mod emit_hands_over_an_event;
mod exit_statuses;
mod export_writes_json_lines;
mod help_teaches;
mod nats_bench_counts_what_was_answered;
mod nats_errors_are_clear;
mod nats_has_what_was_emitted;
mod nats_send_prints_each_reply;
#[path = "../support/nats_server.rs"]
mod nats_server;
mod nats_support;
mod replies_come_as_they_are;
mod send_prints_a_line_for_each_reply;
mod support;
mod tap_outlives_its_connection;
mod tap_prints_events_as_they_pass;
mod tapping;
