//! NestJS gives all patterns that nest deeper than this one route.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern([[[[[[[1]]]]]]])]
struct One;

fn main() {}
