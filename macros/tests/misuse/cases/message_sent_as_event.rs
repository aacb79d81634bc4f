//! A query that is emitted as an event: its answer would be lost.

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize)]
struct OutOfStock;

impl std::fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of stock")
    }
}

impl std::error::Error for OutOfStock {}

#[derive(Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check_inventory", response = u32, error = OutOfStock)]
struct CheckInventory {
    product_id: u64,
}

fn ask(client: &Client) {
    client.emit(CheckInventory { product_id: 1 });
}

fn main() {}
