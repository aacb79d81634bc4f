//! What the transports can rely on, one file a guarantee.

mod falsy_is_what_javascript_takes_for_false;
mod frames_are_written_whole_or_not_at_all;
mod frames_split_anywhere;
mod fuzzed_bytes_do_no_harm;
mod half_surrogates_become_replacement_characters;
mod headers_are_read_as_parse_int_reads_them;
mod memory_is_bounded_and_work_is_linear;
mod packets_are_written_as_nestjs_writes_them;
mod patterns_find_their_routes;
mod replies_are_understood_as_nestjs_does;
mod requests_and_events_are_told_apart;
mod support;
mod undefined_is_told_from_null;
