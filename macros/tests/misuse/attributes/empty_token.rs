//! The dots of a topic separate names.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("order..created")]
struct One;

#[derive(EventPattern)]
#[event_pattern(".order")]
struct Two;

#[derive(EventPattern)]
#[event_pattern("order.")]
struct Three;

fn main() {}
