//! The TCP server behind TLS.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

#[path = "../support/certificates.rs"]
mod certificates;
mod errors_name_the_file;
#[path = "../tcp_server/logs.rs"]
mod logs;
mod requests_go_over_tls;
mod strangers_are_turned_away;
mod support;
