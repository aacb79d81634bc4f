//! A topic holds neither white space nor control characters.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("order created")]
struct One;

#[derive(EventPattern)]
#[event_pattern("order.created\n")]
struct Two;

#[derive(EventPattern)]
#[event_pattern("order\u{7}created")]
struct Three;

fn main() {}
