//! An event and its subscribers: whoever emits it does not wait, and nobody's failure is anybody else's.
//!
//! `cargo run --example fire_and_forget`
#![allow(clippy::print_stdout)] // an example speaks to whoever runs it

use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u32,
    total_cents: u64,
}

/// Adds up what was sold.
#[derive(Default, Service)]
#[service("analytics", events(OrderCreated))]
struct Analytics {
    cents: u64,
}

impl Handler<OrderCreated> for Analytics {
    type Result = Result<(), EventError>;

    fn handle(&mut self, order: OrderCreated, _: &mut Context<Self>) -> Self::Result {
        self.cents += order.total_cents;
        println!("analytics      order {}  {:>6} cents so far", order.order_id, self.cents);
        Ok(())
    }
}

/// Writes e-mails through a gateway that fails at the first attempt for every second order.
struct Notifications;

impl Actor for Notifications {
    type Context = Context<Self>;
}
impl Supervised for Notifications {}
impl Service for Notifications {
    const NAME: &'static str = "notifications";

    fn patterns(patterns: &mut Patterns<Self>) {
        // `Delivery<E>` in place of `E` brings the metadata.
        patterns.event::<Delivery<OrderCreated>>().retry(Retry::exponential(3));
    }
}

impl Handler<Delivery<OrderCreated>> for Notifications {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, order: Delivery<OrderCreated>, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async move {
            tokio::task::yield_now().await; // the gateway's answer
            if order.order_id.is_multiple_of(2) && order.attempt() == 1 {
                return Err(EventError::msg("the gateway hung up"));
            }
            println!("notifications  order {}  e-mail sent at attempt {}", order.order_id, order.attempt());
            Ok(())
        })
    }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let node = Node::builder("shop").service(Analytics::default()).service(Notifications).start().await?;

    // A subscriber can also come, and go, at run time.
    let options = SubscribeOptions::new().name("screen");
    let screen = node.subscribe::<OrderCreated>(options, async |order: Delivery<OrderCreated>| {
        println!("screen         order {}", order.order_id);
        Ok(())
    });

    for order_id in 1..=4 {
        node.client().emit(OrderCreated { order_id, total_cents: 1_499 }); // `()`: nothing to await
    }
    println!("emitted        4 orders; nobody has handled one yet");

    // Drains: everything emitted is handled, or is a dead letter.
    let report = node.shutdown(Duration::from_secs(10)).await;
    drop(screen);
    let total = report.stats.total();
    println!("delivered      {}", total.delivered);
    println!("handled        {}", total.handled);
    println!("tried again    {}", total.retried);
    println!("dead letters   {}", total.dead_lettered);
    Ok(())
}
