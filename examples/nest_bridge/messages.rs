//! What goes over the wire: the contract at the head of `nest/main.js`, in types.

use nestling::prelude::*;

/// How many are there?
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check_inventory", response = Availability, error = InventoryError)]
pub(crate) struct CheckInventory {
    pub(crate) product: String,
    pub(crate) quantity: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Availability {
    pub(crate) in_stock: u32,
    pub(crate) enough: bool,
}

/// NestJS catches it as `{code: 'no_such_product', product}`.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum InventoryError {
    #[error("there is no product `{product}`")]
    NoSuchProduct { product: String },
}

/// What does it cost? NestJS knows.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "quote_price", response = Quote, error = PriceError)]
pub(crate) struct QuotePrice {
    pub(crate) product: String,
    pub(crate) quantity: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Quote {
    pub(crate) unit_cents: u64,
    pub(crate) total_cents: u64,
}

/// NestJS throws it as an `RpcException`.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum PriceError {
    #[error("`{product}` is not for sale")]
    NotForSale { product: String },
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.placed")]
pub(crate) struct OrderPlaced {
    pub(crate) order_id: u32,
    pub(crate) product: String,
    pub(crate) quantity: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.packed")]
pub(crate) struct OrderPacked {
    pub(crate) order_id: u32,
    pub(crate) total_cents: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.refused")]
pub(crate) struct OrderRefused {
    pub(crate) order_id: u32,
    pub(crate) code: String,
}
