//! Keeps sales by month.

use std::collections::BTreeMap;

use actix::MessageResult;
use nestling::prelude::*;

use crate::date::Month;
use crate::messages::{OrderCreated, Sales, SalesByMonth};

#[derive(Debug, Default)]
pub(crate) struct Analytics {
    months: BTreeMap<Month, Sales>,
}

impl Actor for Analytics {
    type Context = Context<Self>;
}

impl Supervised for Analytics {}

impl Service for Analytics {
    const NAME: &'static str = "analytics";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<OrderCreated>();
    }
}

impl Handler<OrderCreated> for Analytics {
    type Result = Result<(), EventError>;

    fn handle(&mut self, order: OrderCreated, _: &mut Context<Self>) -> Self::Result {
        let sales = self.months.entry(order.date.month()).or_default();
        sales.cds += u64::from(order.quantity);
        sales.revenue += order.total;
        Ok(())
    }
}

impl Handler<SalesByMonth> for Analytics {
    type Result = MessageResult<SalesByMonth>;

    fn handle(&mut self, _: SalesByMonth, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.months.clone())
    }
}
