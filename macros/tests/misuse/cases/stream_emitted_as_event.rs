//! A stream that is emitted as an event: its items would be lost.

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("no prices")]
struct NoPrices;

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("prices", item = u64, error = NoPrices)]
struct Prices {
    symbol: String,
}

fn ask(client: &Client) {
    client.emit(Prices { symbol: "ACME".to_owned() });
}

fn main() {}
