//! A handler of a stream that returns other items than the pattern says.

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
    type Result = ResponseStream<String, NoPrices>;

    fn handle(&mut self, _: Prices, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::empty()
    }
}

fn main() {}
