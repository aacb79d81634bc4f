//! Dead letters: the full record of every event that a subscription could not handle.

mod reason;
mod record;
mod store;

pub use reason::Reason;
pub use record::{Attempt, DeadLetter, Status};
pub use store::{DeadLetterStore, Filter, Group, StoreError};
