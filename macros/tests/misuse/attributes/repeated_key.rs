//! A key is there once.

use nestling::MessagePattern;

#[derive(MessagePattern)]
#[message_pattern("orders.get", error = std::fmt::Error, error = std::fmt::Error)]
struct One;

fn main() {}
