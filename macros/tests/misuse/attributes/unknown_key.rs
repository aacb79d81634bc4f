//! An unknown key is told the known ones.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("order.created", retries = 3)]
struct One;

fn main() {}
