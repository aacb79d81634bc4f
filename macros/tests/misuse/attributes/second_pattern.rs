//! One pattern is sent; the others are aliases.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("order.created", "order.new")]
struct One;

#[derive(EventPattern)]
#[event_pattern("order.created", cmd = "order_created")]
struct Two;

fn main() {}
