//! What begins with `$` is the node's own.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("$order.created")]
struct One;

fn main() {}
