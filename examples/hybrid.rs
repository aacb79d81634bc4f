//! What is critical goes by message, and is taken back when it fails; what is not goes by event.
//!
//! `cargo run --example hybrid`
#![allow(clippy::print_stdout)] // an example speaks to whoever runs it

use std::collections::BTreeMap;

use nestling::prelude::*;

/// Asks for so many pieces; the answer is the order's number.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "place_order", response = u32, error = TakenBack)]
struct PlaceOrder(u32);

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("order {0} was taken back: {1}")]
struct TakenBack(u32, String);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "reserve", error = OutOfStock)]
struct Reserve(u32);

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("only {0} left")]
struct OutOfStock(u32);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.placed")]
struct OrderPlaced(u32);

#[derive(Default, Service)]
#[service("orders", messages(PlaceOrder))]
struct Orders {
    saved: BTreeMap<u32, u32>,
    last_id: u32,
}

impl Handler<PlaceOrder> for Orders {
    type Result = ResponseActFuture<Self, Result<u32, TakenBack>>;

    fn handle(&mut self, PlaceOrder(pieces): PlaceOrder, ctx: &mut Context<Self>) -> Self::Result {
        self.last_id += 1;
        let order_id = self.last_id;
        self.saved.insert(order_id, pieces);
        // Critical: without an answer there is no order.
        let reserved = ctx.client().send(Reserve(pieces));
        Box::pin(reserved.into_actor(self).map(move |reserved, orders, ctx| match reserved {
            Ok(()) => {
                // Not critical: who hears of it, and what they make of it, is no concern of the order.
                ctx.client().emit(OrderPlaced(order_id));
                Ok(order_id)
            }
            Err(error) => {
                orders.saved.remove(&order_id);
                Err(TakenBack(order_id, error.to_string()))
            }
        }))
    }
}

#[derive(Service)]
#[service("inventory", messages(Reserve))]
struct Inventory(u32);

impl Handler<Reserve> for Inventory {
    type Result = Result<(), OutOfStock>;

    fn handle(&mut self, Reserve(pieces): Reserve, _: &mut Context<Self>) -> Self::Result {
        self.0 = self.0.checked_sub(pieces).ok_or(OutOfStock(self.0))?;
        Ok(())
    }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let node = Node::builder("shop").service(Orders::default()).service(Inventory(10)).start().await?;
    let options = SubscribeOptions::new().name("notifications");
    node.subscribe::<OrderPlaced>(options, async |_| Err(EventError::msg("no mail server"))).keep();

    for pieces in [6, 6, 4] {
        match node.client().send(PlaceOrder(pieces)).await {
            Ok(order_id) => println!("order {order_id}       stands: {pieces} pieces"),
            Err(error) => println!("not ordered   {error}"),
        }
    }
    let report = node.shutdown(Duration::from_secs(5)).await;
    println!("dead letters  {} notifications, and no order the worse", report.stats.dead_letters.recorded);
    Ok(())
}
