//! A stream is listed under `streams(..)`.

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("no prices")]
struct NoPrices;

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("prices", item = u64, error = NoPrices)]
struct Prices {
    symbol: String,
}

#[derive(Service)]
#[service("exchange", messages(Prices))]
struct Exchange;

impl Handler<Prices> for Exchange {
    type Result = ResponseStream<u64, NoPrices>;

    fn handle(&mut self, _: Prices, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::empty()
    }
}

fn main() {}
