//! A notification that is sent as a message and awaited: nobody would answer.

use nestling::prelude::*;

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u64,
}

async fn notify(client: Client) {
    client.send(OrderCreated { order_id: 1 }).await;
}

fn main() {}
