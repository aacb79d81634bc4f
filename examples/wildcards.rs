//! One service that hears many events: `*` stands for one token of a pattern, `>` for all the rest.
//!
//! `cargo run --example wildcards`
#![allow(clippy::print_stdout)] // an example speaks to whoever runs it

use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.line.added")]
struct LineAdded {
    order_id: u32,
    product: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("user.created")]
struct UserCreated {
    name: String,
}

/// Hears one level below `order`.
struct Orders;

impl Actor for Orders {
    type Context = Context<Self>;
}
impl Supervised for Orders {}
impl Service for Orders {
    const NAME: &'static str = "orders";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.matching("order.*");
    }
}
impl Handler<AnyEvent> for Orders {
    type Result = Result<(), EventError>;

    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        println!("order.*  {:<17} {}", event.route(), event.json()?);
        Ok(())
    }
}

/// Hears everything that the application emits.
struct Audit;

impl Actor for Audit {
    type Context = Context<Self>;
}
impl Supervised for Audit {}
impl Service for Audit {
    const NAME: &'static str = "audit";

    fn patterns(patterns: &mut Patterns<Self>) {
        // The node's own events, such as `$service.started`, are matched only by their name.
        patterns.matching(">");
    }
}
impl Handler<AnyEvent> for Audit {
    type Result = Result<(), EventError>;

    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        println!(">        {:<17} {}", event.route(), event.json()?);
        Ok(())
    }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let node = Node::builder("shop").service(Orders).service(Audit).start().await?;
    let client = node.client();
    client.emit(OrderCreated { order_id: 1 });
    client.emit(LineAdded { order_id: 1, product: "lp".to_owned() });
    client.emit(UserCreated { name: "ada".to_owned() });
    // A pattern known only at run time, with a JSON payload.
    client.emit_json("order.shipped", serde_json::json!({ "order_id": 1 }));

    let report = node.shutdown(Duration::from_secs(1)).await;
    for subscription in report.stats.subscriptions() {
        println!("{:<8} handled {}", subscription.pattern, subscription.ledger.handled);
    }
    Ok(())
}
