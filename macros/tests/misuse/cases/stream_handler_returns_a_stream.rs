//! A handler of a stream that returns one response.

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("no prices")]
struct NoPrices;

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("prices", item = u64, error = NoPrices)]
struct Prices {
    symbol: String,
}

struct Exchange;

impl Actor for Exchange {
    type Context = Context<Self>;
}

impl Handler<Prices> for Exchange {
    type Result = Result<u64, NoPrices>;

    fn handle(&mut self, _: Prices, _: &mut Context<Self>) -> Self::Result {
        Ok(1)
    }
}

fn main() {}
