//! Durable events over JetStream: a file a guarantee.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "../support/nats_server.rs"]
mod nats_server;
mod support;

mod acknowledged_when_the_handler_is_done;
mod concurrency_gives_up_order;
mod dead_letters_are_stored_first;
mod describe_tells_what_is_promised;
mod duplicates_are_suppressed;
mod emits_survive_the_broker;
mod in_progress_keeps_what_is_held;
mod long_delays_are_the_brokers;
mod max_deliveries_end_it;
mod new_services_see_old_events;
mod older_servers;
mod order_is_kept;
mod prefetch_is_bounded;
mod redelivered_after_a_kill;
mod returned_at_shutdown;
mod subscribers_come_and_go;
mod what_cannot_be_had_says_why;
