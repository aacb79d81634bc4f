//! A stream has items, and a message has none.

use nestling::{MessagePattern, StreamPattern};

#[derive(StreamPattern)]
#[stream_pattern("prices", response = u64, error = NoPrices)]
struct Prices;

#[derive(MessagePattern)]
#[message_pattern("price", item = u64, error = NoPrices)]
struct Price;

struct NoPrices;

fn main() {}
