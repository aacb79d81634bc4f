//! What `#[derive(Service)]` takes: `Delivery`, a generic service, a name alone.

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

trait Store: Unpin + 'static {
    fn left(&self) -> u32;
}

#[derive(Service)]
#[service("inventory-1.0", messages(CheckInventory), events(Delivery<OrderCreated>))]
struct Inventory<S: Store>
where
    S: Clone,
{
    store: S,
}

impl<S: Store + Clone> Handler<CheckInventory> for Inventory<S> {
    type Result = Result<u32, OutOfStock>;

    fn handle(&mut self, _: CheckInventory, _: &mut Context<Self>) -> Self::Result {
        Ok(self.store.left())
    }
}

impl<S: Store + Clone> Handler<Delivery<OrderCreated>> for Inventory<S> {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: Delivery<OrderCreated>, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[derive(Service)]
#[service("idle")]
struct Idle;

fn main() {}
