//! Which tests each transport runs. The lists are written out, so that no test is dropped because somebody dropped a
//! feature.

use std::collections::BTreeSet;

use crate::transports;

/// The tests that every transport of this crate runs.
const COMMON: &[&str] = &[
    "close_blocks_nobody",
    "confirmed_events_are_handled",
    "drain_loses_nothing",
    "errors_keep_their_type",
    "events_reach_every_service",
    "failures_are_delivered_again",
    "many_emitters_and_subscribers",
    "metadata_is_kept",
    "no_handler_is_told_at_once",
    "order_holds_through_failures",
    "order_per_emitter_is_kept",
    "payloads_of_any_size",
    "requests_are_answered",
    "streams_come_whole_and_in_order",
    "timeouts_are_kept",
];

/// What those run besides that keep the order of all that one emitter emits.
const ACROSS_PATTERNS: &str = "order_holds_across_patterns";

/// What those run besides that tell a service that its stream's reader has gone.
const DROPPED_STREAMS: &str = "streams_that_nobody_reads_are_dropped";

fn assert_list(tests: &[&[&str]], also: &[&str]) {
    let all: Vec<_> = tests.concat();
    let distinct: BTreeSet<_> = all.iter().copied().collect();
    assert_eq!(distinct, COMMON.iter().chain(also).copied().collect());
    assert_eq!(distinct.len(), all.len(), "a test is listed twice");
}

#[test]
fn in_process() {
    assert_list(transports::in_process::TESTS, &[ACROSS_PATTERNS, DROPPED_STREAMS]);
}

#[cfg(feature = "tcp")]
#[test]
fn tcp() {
    let also = ["another_node_goes_on_after_close", ACROSS_PATTERNS, DROPPED_STREAMS];
    assert_list(transports::tcp::TESTS, &also);
}

/// What a transport with a broker runs beside them.
#[cfg(feature = "nats")]
const BROKER: &[&str] = &[
    "a_broker_that_restarts_is_found_again",
    "another_node_goes_on_after_close",
    "events_reach_one_of_a_group",
    DROPPED_STREAMS,
];

/// What one runs besides that keeps events.
#[cfg(feature = "nats")]
const DURABLE: &[&str] = &[
    "a_new_service_sees_old_events",
    "acknowledged_events_survive_a_sigkill",
    "acknowledged_events_survive_a_sigterm",
    "nothing_is_acknowledged_before_it_is_handled",
    "nothing_is_lost_between_two_nodes",
    "order_holds_across_instances",
];

#[cfg(feature = "nats")]
#[test]
fn nats() {
    assert_list(transports::nats::TESTS, BROKER);
}

#[cfg(feature = "nats")]
#[test]
fn jetstream() {
    assert_list(transports::jetstream::TESTS, &[BROKER, DURABLE, &[ACROSS_PATTERNS]].concat());
}

/// Every file of the suite is one of the tests, and some transport runs it.
#[cfg(feature = "nats")]
#[test]
fn every_test_is_run_by_some_transport() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/suite");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files: BTreeSet<_> =
        files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let run = [transports::in_process::TESTS, transports::jetstream::TESTS].concat().concat();
    let shared = ["mod", "broker_restarts"];
    assert_eq!(files, run.into_iter().chain(shared).map(str::to_owned).collect());
}
