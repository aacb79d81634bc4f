//! `#[derive(Service)]` points at the listed pattern that has no handler.

use nestling::prelude::*;

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u64,
}

#[derive(Service)]
#[service("notifications", events(OrderCreated))]
struct Notifications;

fn main() {}
