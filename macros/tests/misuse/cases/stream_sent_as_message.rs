//! A stream that is sent as a message: it has no one response.

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("no prices")]
struct NoPrices;

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("prices", item = u64, error = NoPrices)]
struct Prices {
    symbol: String,
}

async fn ask(client: Client) {
    client.send(Prices { symbol: "ACME".to_owned() }).await;
}

fn main() {}
