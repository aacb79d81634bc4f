//! A pattern is one name; wildcards are for subscribers.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("order.*")]
struct One;

#[derive(EventPattern)]
#[event_pattern("order.>")]
struct Two;

fn main() {}
