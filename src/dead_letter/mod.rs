//! Dead letters: the full record of every event that a subscription could not handle.
//!
//! ```text
//! supervisor ── Sink ──▶ Keeper (actor) ──▶ writer (thread) ──▶ DeadLetterStore
//!                          │    ▲                 │
//!      stream, announce ◀──┘    └── what is kept ─┘
//! DeadLetters ── list, replay ──▶ Keeper
//! ```
//!
//! All that is asked goes the way that letters go, so it sees every letter that was buried before it. The store
//! is synchronous and lives on the writer's thread; nothing here blocks an event loop.

mod failure;
mod fingerprint;
mod handle;
mod keeper;
mod live;
mod origin;
mod reason;
mod record;
mod replay;
mod sink;
mod start;
mod stats;
mod store;
#[cfg(test)]
mod tests;
mod times;
mod writer;

pub use handle::DeadLetters;
pub use live::LetterStream;
pub use reason::{Reason, UnknownName};
pub use record::{Attempt, DeadLetter, Status};
pub use replay::{ReplayError, ReplayOptions, ReplayReport, Replayed};
pub use stats::DeadLetterStats;
pub use store::{
    Change, DeadLetterStore, Ended, Filter, Group, MemoryStore, Order, Page, StoreError, Turned,
};
#[cfg(feature = "sqlite")]
pub use store::{SqliteReader, SqliteStore};

pub(crate) use failure::{Failure, History};
pub(crate) use replay::{Announce, Redeliver, Redelivery};
pub(crate) use sink::Sink;
pub(crate) use start::{Options, start};
#[cfg(feature = "nats")]
pub(crate) use store::Groups;
use times::{delay_millis, millis};
