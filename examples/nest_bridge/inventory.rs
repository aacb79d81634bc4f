//! The inventory: answers what is in stock, and packs what is ordered.

use std::collections::BTreeMap;

use nestling::RequestError;
use nestling::prelude::*;

use crate::messages::{
    Availability, CheckInventory, InventoryError, OrderPacked, OrderPlaced, OrderRefused, PriceError, Quote,
    QuotePrice,
};

pub(crate) struct Inventory {
    stock: BTreeMap<String, u32>,
}

impl Inventory {
    pub(crate) fn stocked() -> Self {
        let stock = [("cd", 40), ("lp", 3), ("poster", 5)];
        Self { stock: stock.map(|(product, pieces)| (product.to_owned(), pieces)).into() }
    }
}

impl Actor for Inventory {
    type Context = Context<Self>;
}

impl Supervised for Inventory {}

impl Service for Inventory {
    const NAME: &'static str = "inventory";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns
            .message::<CheckInventory>()
            // An order that comes while the shop front cannot be asked is tried again, and kept if that does not help.
            .event::<OrderPlaced>()
            .retry(Retry::exponential(5));
    }
}

impl Handler<CheckInventory> for Inventory {
    type Result = Result<Availability, InventoryError>;

    fn handle(&mut self, message: CheckInventory, _: &mut Context<Self>) -> Self::Result {
        match self.stock.get(&message.product) {
            Some(&in_stock) => Ok(Availability { in_stock, enough: in_stock >= message.quantity }),
            None => Err(InventoryError::NoSuchProduct { product: message.product }),
        }
    }
}

impl Handler<OrderPlaced> for Inventory {
    type Result = ResponseActFuture<Self, Result<(), EventError>>;

    /// Orders are handled one at a time, also while a price is awaited: no two can take the same piece.
    fn handle(&mut self, order: OrderPlaced, ctx: &mut Context<Self>) -> Self::Result {
        let question = QuotePrice { product: order.product.clone(), quantity: order.quantity };
        let price = ctx.client().send(question);
        Box::pin(
            price.into_actor(self).map(move |quote, inventory, ctx| inventory.settle(&order, quote, ctx)),
        )
    }
}

impl Inventory {
    /// Packs an order, or refuses it, and says so to the shop front.
    fn settle(
        &mut self,
        order: &OrderPlaced,
        quote: Result<Quote, RequestError<PriceError>>,
        ctx: &Context<Self>,
    ) -> Result<(), EventError> {
        let OrderPlaced { order_id, product, quantity } = order;
        let quote = match quote {
            Ok(quote) => quote,
            Err(RequestError::Handler(PriceError::NotForSale { .. })) => {
                refuse(order, "not_for_sale", ctx);
                return Ok(());
            }
            Err(no_answer) => return Err(no_answer.into()),
        };
        match self.stock.get_mut(product) {
            Some(pieces) if *pieces >= *quantity => {
                *pieces -= quantity;
                println!("order {order_id}: packed {quantity} {product}, {pieces} left");
                ctx.client().emit(OrderPacked { order_id: *order_id, total_cents: quote.total_cents });
            }
            Some(_) => refuse(order, "not_enough", ctx),
            None => refuse(order, "no_such_product", ctx),
        }
        Ok(())
    }
}

fn refuse(order: &OrderPlaced, code: &str, ctx: &Context<Inventory>) {
    println!("order {}: refused, {code}", order.order_id);
    ctx.client().emit(OrderRefused { order_id: order.order_id, code: code.to_owned() });
}
