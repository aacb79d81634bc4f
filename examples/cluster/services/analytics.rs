//! Keeps sales by month.

use std::collections::BTreeMap;

use nestling::prelude::*;
use rusqlite::Connection;

use crate::date::{Date, Month};
use crate::messages::{OrderCreated, Sales};
use crate::money::Cents;
use crate::state;

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS sales (
    month TEXT PRIMARY KEY, cds INTEGER NOT NULL, cents INTEGER NOT NULL
)";

/// Adding to a sum twice would be wrong twice: it is the transaction that keeps it right.
const ADD: &str = "INSERT INTO sales (month, cds, cents) VALUES (?1, ?2, ?3)
    ON CONFLICT (month) DO UPDATE SET cds = cds + excluded.cds, cents = cents + excluded.cents";

#[derive(Debug)]
pub(crate) struct Analytics;

impl Actor for Analytics {
    type Context = Context<Self>;
}

impl Supervised for Analytics {}

impl Service for Analytics {
    const NAME: &'static str = "analytics";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<OrderCreated>>();
    }
}

impl Handler<Delivery<OrderCreated>> for Analytics {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, order: Delivery<OrderCreated>, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async move {
            let sold = order.clone();
            let add = move |transaction: &rusqlite::Transaction<'_>| {
                state::note(transaction, sold.metadata())?;
                let cents = i64::try_from(sold.total.0)?;
                transaction.execute(ADD, (sold.date.month().to_string(), sold.quantity, cents))?;
                Ok(())
            };
            order.transaction(add).await?;
            Ok(())
        })
    }
}

/// What was sold in each month.
pub(crate) fn sales(connection: &Connection) -> rusqlite::Result<BTreeMap<Month, Sales>> {
    let mut query = connection.prepare("SELECT month, cds, cents FROM sales")?;
    let rows = query.query_map((), |row| {
        let (month, cds, cents): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let day: Result<Date, _> = format!("{month}-01").parse();
        let month = day.map_err(|_| rusqlite::Error::InvalidQuery)?.month();
        Ok((month, Sales { cds: cds.unsigned_abs(), revenue: Cents(cents.unsigned_abs().into()) }))
    })?;
    rows.collect()
}
