//! A message names the error that its handler fails with.

use nestling::MessagePattern;

#[derive(MessagePattern)]
#[message_pattern("orders.get", response = u32)]
struct One;

fn main() {}
