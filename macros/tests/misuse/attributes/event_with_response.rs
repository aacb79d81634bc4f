//! An event has neither response nor error.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("order.created", response = u32)]
struct One;

#[derive(EventPattern)]
#[event_pattern("order.created", error = std::fmt::Error)]
struct Two;

fn main() {}
