//! A message that is asked for as a stream: it has one response.

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("no prices")]
struct NoPrices;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("price", response = u64, error = NoPrices)]
struct Price {
    symbol: String,
}

fn ask(client: &Client) {
    let _ = client.stream(Price { symbol: "ACME".to_owned() });
}

fn main() {}
