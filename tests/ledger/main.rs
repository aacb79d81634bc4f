//! What the ledger promises: nothing is lost in silence, and nothing is counted twice.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod chaos;
mod churn;
mod emitters;
mod fate;
mod shutdown_loses_nothing_between_threads;
#[cfg(feature = "tcp")]
mod two_nodes_cut_apart;
mod verdict;
mod workers;
