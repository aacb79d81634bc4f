//! There is nothing to wait for after an event.

use nestling::prelude::*;

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u64,
}

async fn tell(client: Client) {
    client.emit(OrderCreated { order_id: 1 }).await;
}

fn main() {}
