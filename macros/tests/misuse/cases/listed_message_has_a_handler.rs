//! A service handles the messages that it lists.

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

struct Inventory;

impl Actor for Inventory {
    type Context = Context<Self>;
}

impl Supervised for Inventory {}

impl Service for Inventory {
    const NAME: &'static str = "inventory";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<CheckInventory>();
    }
}

fn main() {}
