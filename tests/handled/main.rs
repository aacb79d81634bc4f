//! What is promised of handled events and of the transactions that deliveries lend: each file holds one promise.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

mod a_file_is_shared_with_dead_letters_and_the_application;
mod a_killed_process_commits_once;
mod a_transaction_commits_once;
mod errors_roll_back;
mod memory_is_bounded;
mod misuse_is_told;
mod nodes_share_a_file;
mod old_events_are_forgotten;
mod panics_roll_back;
