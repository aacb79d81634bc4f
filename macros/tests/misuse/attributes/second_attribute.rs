//! One attribute says all.

use nestling::{EventPattern, Service};

#[derive(EventPattern)]
#[event_pattern("order.created")]
#[event_pattern("order.new")]
struct OrderCreated;

#[derive(Service)]
#[service("orders")]
#[service("orders", events(OrderCreated))]
struct Orders;

fn main() {}
