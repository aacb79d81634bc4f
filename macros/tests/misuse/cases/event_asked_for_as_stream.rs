//! An event that is asked for as a stream: it has no response.

use nestling::prelude::*;

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("price.changed")]
struct PriceChanged {
    symbol: String,
}

fn ask(client: &Client) {
    let _ = client.stream(PriceChanged { symbol: "ACME".to_owned() });
}

fn main() {}
