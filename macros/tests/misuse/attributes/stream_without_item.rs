//! A stream says what it is made of.

use nestling::StreamPattern;

#[derive(StreamPattern)]
#[stream_pattern("prices", error = NoPrices)]
struct Prices;

struct NoPrices;

fn main() {}
