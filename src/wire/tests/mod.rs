//! What the transports can rely on, one file a guarantee.

mod frames_split_anywhere;
mod fuzzed_bytes_do_no_harm;
mod headers_are_read_as_parse_int_reads_them;
mod support;
