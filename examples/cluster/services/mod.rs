//! The services of the shop. Inventory and Orders are those of `orders`, to the letter; the others keep what they know
//! in SQLite, in the transaction that marks their event as handled, since a killed process forgets the rest.

pub(crate) mod analytics;
pub(crate) mod audit;
#[path = "../../orders/services/inventory.rs"]
pub(crate) mod inventory;
pub(crate) mod notifications;
#[path = "../../orders/services/order_book.rs"]
pub(crate) mod order_book;
#[path = "../../orders/services/orders.rs"]
pub(crate) mod orders;
pub(crate) mod users;
