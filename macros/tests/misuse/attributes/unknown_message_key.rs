//! An unknown key is told the known ones.

use nestling::MessagePattern;

#[derive(MessagePattern)]
#[message_pattern("orders.get", result = u32, error = std::fmt::Error)]
struct One;

fn main() {}
