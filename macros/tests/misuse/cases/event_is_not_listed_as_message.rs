//! An event is listed with `patterns.event`.

use nestling::prelude::*;

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u64,
}

struct Notifications;

impl Actor for Notifications {
    type Context = Context<Self>;
}

impl Supervised for Notifications {}

impl Service for Notifications {
    const NAME: &'static str = "notifications";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<OrderCreated>();
    }
}

impl Handler<OrderCreated> for Notifications {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: OrderCreated, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

fn main() {}
