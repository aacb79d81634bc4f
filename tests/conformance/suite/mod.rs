//! The guarantees, a file each: what has to hold, and the faults that break it.

pub(crate) mod a_broker_that_restarts_is_found_again;
pub(crate) mod a_new_service_sees_old_events;
pub(crate) mod acknowledged_events_survive_a_sigkill;
pub(crate) mod acknowledged_events_survive_a_sigterm;
pub(crate) mod another_node_goes_on_after_close;
mod broker_restarts;
pub(crate) mod close_blocks_nobody;
pub(crate) mod confirmed_events_are_handled;
pub(crate) mod drain_loses_nothing;
pub(crate) mod errors_keep_their_type;
pub(crate) mod events_reach_every_service;
pub(crate) mod events_reach_one_of_a_group;
pub(crate) mod failures_are_delivered_again;
pub(crate) mod many_emitters_and_subscribers;
pub(crate) mod metadata_is_kept;
pub(crate) mod no_handler_is_told_at_once;
pub(crate) mod nothing_is_acknowledged_before_it_is_handled;
pub(crate) mod nothing_is_lost_between_two_nodes;
pub(crate) mod order_holds_across_instances;
pub(crate) mod order_holds_across_patterns;
pub(crate) mod order_holds_through_failures;
pub(crate) mod order_per_emitter_is_kept;
pub(crate) mod payloads_of_any_size;
pub(crate) mod requests_are_answered;
pub(crate) mod streams_come_whole_and_in_order;
pub(crate) mod streams_that_nobody_reads_are_dropped;
pub(crate) mod timeouts_are_kept;
