//! A handler of an event that returns data: nobody would read it.

use nestling::prelude::*;

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    order_id: u64,
}

struct Totals(u64);

impl Actor for Totals {
    type Context = Context<Self>;
}

impl Handler<OrderCreated> for Totals {
    type Result = Result<u64, EventError>;

    fn handle(&mut self, _: OrderCreated, _: &mut Context<Self>) -> Self::Result {
        self.0 += 1;
        Ok(self.0)
    }
}

fn main() {}
