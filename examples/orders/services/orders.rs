//! Takes orders: what an order cannot do without is asked by message, what others may care about is an event.

use nestling::prelude::*;

use crate::messages::{
    CheckInventory, CreateOrder, InventoryError, OrderCreated, OrderError, OrderId, ReserveInventory,
};
use crate::services::order_book::OrderBook;

#[derive(Debug)]
pub(crate) struct Orders {
    client: Client,
    book: OrderBook,
}

impl Orders {
    pub(crate) fn new(client: Client, book: OrderBook) -> Self {
        Self { client, book }
    }
}

impl Actor for Orders {
    type Context = Context<Self>;
}

impl Supervised for Orders {}

impl Service for Orders {
    const NAME: &'static str = "orders";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<CreateOrder>();
    }
}

impl Handler<CreateOrder> for Orders {
    type Result = ResponseFuture<Result<OrderId, OrderError>>;

    fn handle(&mut self, order: CreateOrder, _: &mut Context<Self>) -> Self::Result {
        Box::pin(create(self.client.clone(), self.book.clone(), order))
    }
}

async fn create(client: Client, book: OrderBook, order: CreateOrder) -> Result<OrderId, OrderError> {
    let CreateOrder { customer_id, date, quantity, total } = order;
    let refused = |error| because(error, OrderError::NotInStock);
    client.send(CheckInventory { quantity }).await.map_err(refused)?;

    // Saved before the CDs are reserved, so that no CDs are ever put aside for an order that nobody knows.
    // From here to `confirm`, every way out removes the order again.
    let pending = book.save(order).await;
    let order_id = pending.id();
    let refused = |error| because(error, OrderError::TakenMeanwhile);
    client.send(ReserveInventory { order_id, quantity }).await.map_err(refused)?;
    pending.confirm();

    // Only now: an event cannot be taken back.
    client.emit(OrderCreated { order_id, customer_id, date, quantity, total });
    Ok(order_id)
}

fn because(
    error: RequestError<InventoryError>,
    refused: impl FnOnce(InventoryError) -> OrderError,
) -> OrderError {
    match error {
        RequestError::Handler(error) => refused(error),
        other => OrderError::NoInventory(other.to_string()),
    }
}
