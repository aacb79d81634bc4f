//! Neither a boolean nor null is a pattern.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern(true)]
struct One;

#[derive(EventPattern)]
#[event_pattern(null)]
struct Two;

#[derive(EventPattern)]
#[event_pattern("a", alias = false)]
struct Three;

fn main() {}
