//! What the services of the shop say to one another: the whole contract between them.

use std::collections::BTreeMap;
use std::fmt;

use nestling::prelude::*;
use serde::{Deserialize, Serialize};

use crate::date::{Date, Month};
use crate::money::Cents;

/// The number of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct OrderId(pub(crate) u64);

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order-{}", self.0)
    }
}

/// Asks Orders to take an order. The answer is its number.
#[derive(Debug, Clone, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "create_order", response = OrderId, error = OrderError)]
pub(crate) struct CreateOrder {
    pub(crate) customer_id: u64,
    pub(crate) date: Date,
    pub(crate) quantity: u32,
    pub(crate) total: Cents,
}

/// Why Orders did not take an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum OrderError {
    /// The check said so before anything was saved.
    #[error(transparent)]
    NotInStock(InventoryError),
    /// The check passed, another order was faster, and this one was removed again.
    #[error("another order was faster: {0}")]
    TakenMeanwhile(InventoryError),
    /// Inventory had no answer.
    #[error("the stock is not known: {0}")]
    NoInventory(String),
}

/// Asks Inventory whether so many CDs are in stock. The answer is how many there are.
#[derive(Debug, Clone, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check_inventory", response = Availability, error = InventoryError)]
pub(crate) struct CheckInventory {
    pub(crate) quantity: u32,
}

/// Asks Inventory to put CDs aside for an order. The answer is how many are left.
#[derive(Debug, Clone, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "reserve_inventory", response = Availability, error = InventoryError)]
pub(crate) struct ReserveInventory {
    pub(crate) order_id: OrderId,
    pub(crate) quantity: u32,
}

/// How many CDs are in stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Availability {
    pub(crate) in_stock: u64,
}

/// Why Inventory cannot serve an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum InventoryError {
    #[error("the stock is sold out")]
    SoldOut,
    #[error("{wanted} CDs were asked for and {in_stock} are left")]
    NotEnough { wanted: u32, in_stock: u64 },
}

/// An order was taken, and its CDs are reserved.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
pub(crate) struct OrderCreated {
    pub(crate) order_id: OrderId,
    pub(crate) customer_id: u64,
    pub(crate) date: Date,
    pub(crate) quantity: u32,
    pub(crate) total: Cents,
}

/// A customer bought for the first time.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("user.created")]
pub(crate) struct UserCreated {
    pub(crate) customer_id: u64,
    pub(crate) since: Date,
}

/// What was sold in one month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sales {
    pub(crate) cds: u64,
    pub(crate) revenue: Cents,
}

/// Sales by month. An actor's own message that no pattern needs: [`Addr::send`] takes it as it always did.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "BTreeMap<Month, Sales>")]
pub(crate) struct SalesByMonth;

/// How many customers Users knows.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "u64")]
pub(crate) struct CountCustomers;

/// How many events Audit has seen, by route.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "BTreeMap<String, u64>")]
pub(crate) struct CountEvents;
