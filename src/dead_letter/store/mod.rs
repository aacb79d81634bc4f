//! Where dead letters are kept.

mod change;
mod error;
mod filter;
mod groups;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use change::{Change, Ended, Turned};
pub use error::StoreError;
pub use filter::{Filter, Group, Order, Page};
#[cfg(feature = "nats")]
pub(crate) use groups::Groups;
pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteReader, SqliteStore};

use super::record::{DeadLetter, Status};
use crate::metadata::Id;

/// Where dead letters are kept: [`MemoryStore`], [`SqliteStore`], or your own.
///
/// It lives on a thread of its own, so its methods may block. One that fails or panics harms nobody: letters
/// wait in memory and are written when it works again. A store that outlives its process turns letters that
/// are [`Status::Replaying`] back into [`Status::New`] when it is opened, for no replay survives its process.
pub trait DeadLetterStore: Send + 'static {
    /// Applies all changes, in their order, or none of them. When it returns `Ok` they are as durable as the
    /// store can make them.
    ///
    /// For each [`Change::Record`] whose (event id, service, subscription, route) is there already, the stored letter is
    /// replaced, and `letter` becomes what is stored: [`DeadLetter::continues`] does that.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] if a letter can never be stored: it is given up. With any other error the same
    /// changes come again later.
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError>;

    /// Sets the status of a letter to `to` if it is `from`.
    ///
    /// # Errors
    ///
    /// If the store cannot be read or written.
    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError>;

    /// One letter.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError>;

    /// The letters that match, at most [`Filter::limit`] (100 if it is not set), in the filter's order.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError>;

    /// The letters that match, by fingerprint, the largest group first.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError>;

    /// Turns every letter that matches and is [`Status::New`] into [`Status::Discarded`], at most
    /// [`Filter::limit`], and says how many.
    ///
    /// # Errors
    ///
    /// If the store cannot be read or written.
    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError>;

    /// How many letters it has thrown away for want of room.
    fn evicted(&self) -> u64 {
        0
    }
}
