//! A type is a message or a stream, never both.

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("no prices")]
struct NoPrices;

#[derive(Serialize, Deserialize, MessagePattern, StreamPattern)]
#[message_pattern("price", response = u64, error = NoPrices)]
#[stream_pattern("prices", item = u64, error = NoPrices)]
struct Prices;

fn main() {}
