//! What the misuses should have been.

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

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u64,
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
        patterns.event::<OrderCreated>();
    }
}

impl Handler<CheckInventory> for Inventory {
    type Result = Result<u32, OutOfStock>;

    fn handle(&mut self, _: CheckInventory, _: &mut Context<Self>) -> Self::Result {
        Ok(1)
    }
}

impl Handler<OrderCreated> for Inventory {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: OrderCreated, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[allow(dead_code)]
async fn sell(client: Client) -> Result<u32, RequestError<OutOfStock>> {
    let left = client.send(CheckInventory { product_id: 1 }).await?;
    client.emit(OrderCreated { order_id: 1 });
    Ok(left)
}

fn main() {}
