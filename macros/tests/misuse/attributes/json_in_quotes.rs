//! What reads as JSON is written without quotes.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern("42")]
struct One;

#[derive(EventPattern)]
#[event_pattern("{\"cmd\":\"sum\"}")]
struct Two;

#[derive(EventPattern)]
#[event_pattern("null")]
struct Three;

#[derive(EventPattern)]
#[event_pattern("1e3")]
struct Four;

fn main() {}
