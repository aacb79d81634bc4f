//! A pattern is what the attribute is for.

use nestling::MessagePattern;

#[derive(MessagePattern)]
#[message_pattern(response = u32, error = std::fmt::Error)]
struct One;

fn main() {}
