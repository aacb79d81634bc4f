//! The node: where it runs, how it starts, how it ends.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod a_derived_service_runs;
#[cfg(feature = "sqlite")]
mod a_dropped_node_ends;
#[cfg(feature = "tcp")]
mod a_service_moves_to_another_process;
mod a_signal_ends_it;
mod a_store_that_cannot_be_used;
mod an_arbiter_that_stops;
#[cfg(feature = "tcp")]
mod an_event_may_have_no_data;
mod declarations_chain;
#[cfg(feature = "tcp")]
mod events_are_forwarded;
mod no_time_is_too_long;
mod placement;
#[cfg(feature = "sqlite")]
mod shutdown_at_its_limit;
mod shutdown_drains;
mod shutdown_stops_in_reverse_order;
mod stats_can_be_serialised;
mod subscriptions_that_ended_stay_in_the_ledger;
mod support;
mod two_nodes_do_not_see_each_other;
mod what_started_emits_reaches_all;
mod where_it_starts;
