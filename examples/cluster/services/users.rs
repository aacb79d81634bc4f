//! Knows the customers: one is created at their first purchase.

use nestling::prelude::*;
use rusqlite::Connection;

use crate::messages::{OrderCreated, UserCreated};
use crate::state;

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS customers (id INTEGER PRIMARY KEY)";

#[derive(Debug)]
pub(crate) struct Users;

impl Actor for Users {
    type Context = Context<Self>;
}

impl Supervised for Users {}

impl Service for Users {
    const NAME: &'static str = "users";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<OrderCreated>>();
    }
}

impl Handler<Delivery<OrderCreated>> for Users {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, order: Delivery<OrderCreated>, ctx: &mut Context<Self>) -> Self::Result {
        let client = ctx.client();
        Box::pin(async move {
            let (customer_id, since) = (order.customer_id, order.date);
            let metadata = order.clone();
            let insert = move |transaction: &rusqlite::Transaction<'_>| {
                state::note(transaction, metadata.metadata())?;
                let row = (i64::try_from(customer_id)?,);
                Ok(transaction.execute("INSERT OR IGNORE INTO customers (id) VALUES (?1)", row)? > 0)
            };
            if order.transaction(insert).await? == Some(true) {
                client.emit_confirmed(UserCreated { customer_id, since }).await?;
            }
            Ok(())
        })
    }
}

/// How many customers there are.
pub(crate) fn customers(connection: &Connection) -> rusqlite::Result<u64> {
    let count: i64 = connection.query_row("SELECT count(*) FROM customers", (), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
