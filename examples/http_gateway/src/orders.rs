//! The service behind the gateway. It knows nothing of HTTP.

use std::collections::HashMap;

use nestling::prelude::*;

/// Orders some pieces of a product.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "place_order", response = OrderPlaced, error = OrderError)]
pub struct PlaceOrder {
    pub product: String,
    pub quantity: u32,
}

/// The order, as it was placed.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderPlaced {
    pub order_id: u32,
    pub left: u32,
}

/// Why an order was not placed.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum OrderError {
    #[error("there is no product `{product}`")]
    NoSuchProduct { product: String },
    #[error("only {left} of `{product}` left")]
    OutOfStock { product: String, left: u32 },
}

/// Keeps the stock and takes orders.
#[derive(Debug, nestling::Service)]
#[service("orders", messages(PlaceOrder))]
pub struct Orders {
    stock: HashMap<String, u32>,
    last_id: u32,
}

impl Orders {
    /// A shop with this stock.
    pub fn new(stock: impl IntoIterator<Item = (&'static str, u32)>) -> Self {
        let stock = stock.into_iter().map(|(product, pieces)| (product.to_owned(), pieces)).collect();
        Self { stock, last_id: 0 }
    }
}

impl Handler<PlaceOrder> for Orders {
    type Result = Result<OrderPlaced, OrderError>;

    fn handle(&mut self, order: PlaceOrder, _: &mut Context<Self>) -> Self::Result {
        let PlaceOrder { product, quantity } = order;
        let Some(left) = self.stock.get_mut(&product) else {
            return Err(OrderError::NoSuchProduct { product });
        };
        if *left < quantity {
            return Err(OrderError::OutOfStock { product, left: *left });
        }
        *left -= quantity;
        self.last_id += 1;
        Ok(OrderPlaced { order_id: self.last_id, left: *left })
    }
}
