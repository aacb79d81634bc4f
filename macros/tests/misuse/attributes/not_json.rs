//! A literal that is no text is JSON.

use nestling::EventPattern;

#[derive(EventPattern)]
#[event_pattern({ "cmd" "sum" })]
struct One;

#[derive(EventPattern)]
#[event_pattern({ cmd: "sum" })]
struct Two;

#[derive(EventPattern)]
#[event_pattern({ "cmd": sum })]
struct Three;

#[derive(EventPattern)]
#[event_pattern({ "cmd": "sum", "cmd": "sub" })]
struct Four;

#[derive(EventPattern)]
#[event_pattern(["a" "b"])]
struct Five;

#[derive(EventPattern)]
#[event_pattern(1_000)]
struct Six;

#[derive(EventPattern)]
#[event_pattern(0x2A)]
struct Seven;

#[derive(EventPattern)]
#[event_pattern(42u8)]
struct Eight;

#[derive(EventPattern)]
#[event_pattern(-"x")]
struct Nine;

#[derive(EventPattern)]
#[event_pattern('x')]
struct Ten;

fn main() {}
