//! A pattern has a name.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("")]
struct One;

#[derive(EventPattern)]
#[event_pattern(cmd = "")]
struct Two;

#[derive(EventPattern)]
#[event_pattern("order.created", alias = "")]
struct Three;

fn main() {}
