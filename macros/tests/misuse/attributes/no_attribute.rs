//! A derive needs its attribute.

use nestling::{EventPattern, MessagePattern, Service};

#[derive(EventPattern)]
struct OrderCreated;

#[derive(MessagePattern)]
struct GetOrder;

#[derive(Service)]
struct Orders;

#[derive(EventPattern)]
#[event_pattern]
struct OrderCancelled;

fn main() {}
