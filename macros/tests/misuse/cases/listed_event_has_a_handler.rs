//! A service handles the events that it lists.

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
        patterns.event::<OrderCreated>();
    }
}

fn main() {}
