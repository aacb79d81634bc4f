//! Knows the customers: one is created at their first purchase.

use std::collections::HashSet;

use nestling::prelude::*;

use crate::messages::{CountCustomers, OrderCreated, UserCreated};

#[derive(Debug, Default)]
pub(crate) struct Users {
    known: HashSet<u64>,
}

impl Actor for Users {
    type Context = Context<Self>;
}

impl Supervised for Users {}

impl Service for Users {
    const NAME: &'static str = "users";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<OrderCreated>();
    }
}

impl Handler<OrderCreated> for Users {
    type Result = Result<(), EventError>;

    fn handle(&mut self, order: OrderCreated, ctx: &mut Context<Self>) -> Self::Result {
        if self.known.insert(order.customer_id) {
            ctx.client().emit(UserCreated { customer_id: order.customer_id, since: order.date });
        }
        Ok(())
    }
}

impl Handler<CountCustomers> for Users {
    type Result = u64;

    fn handle(&mut self, _: CountCustomers, _: &mut Context<Self>) -> u64 {
        self.known.len() as u64
    }
}
