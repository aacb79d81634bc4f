//! A pattern names one type.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("value.changed")]
struct Changed<T>(T);

fn main() {}
