//! The services of the shop, one a file.

pub(crate) mod analytics;
pub(crate) mod audit;
pub(crate) mod inventory;
pub(crate) mod notifications;
pub(crate) mod order_book;
pub(crate) mod orders;
pub(crate) mod users;
