//! An alias is another pattern, also when it is written differently.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("order.created", alias = "order.created")]
struct One;

#[derive(EventPattern)]
#[event_pattern({ "cmd": "sum", "v": 1 }, alias = { "v": 1.0, "cmd": "sum" })]
struct Two;

fn main() {}
