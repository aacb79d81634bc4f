//! Tests of what no user of the crate can reach.

mod deliveries_from_a_broker;
