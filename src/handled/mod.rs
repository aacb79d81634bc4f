//! Which events have been handled already, so that a broker's redelivery is told from an event that is new.
//!
//! ```text
//! transport ── Handled ──▶ memory, at once
//!                   └────▶ keeper (thread) ──▶ HandledStore
//! Delivery::transaction ──▶ keeper ──▶ SqliteHandled: check, closure, record, commit
//! ```
//!
//! An event is recorded with its success and never before its handler has run. So a crash between the two repeats the
//! handler: what may not be repeated commits in the store's own transaction.

mod error;
mod handle;
mod keeper;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(test)]
mod tests;

pub use error::HandledError;
pub(crate) use handle::Handled;
pub use memory::MemoryHandled;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteHandled;
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::transact;
pub use store::{HandledKey, HandledStore};
