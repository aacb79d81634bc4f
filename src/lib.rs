//! Nestling turns actix actors into services.

extern crate self as nestling;

pub mod dead_letter;
pub mod error;
mod event;
mod metadata;
mod pattern;

#[cfg(feature = "sqlite")]
pub use dead_letter::SqliteStore;
pub use dead_letter::{
    DeadLetter, DeadLetterStats, DeadLetterStore, DeadLetters, Filter, MemoryStore, Reason, ReplayError,
    ReplayOptions, ReplayReport, Replayed, Status, StoreError,
};
pub use error::{EmitError, EventError, RequestError};
pub use event::{AnyEvent, Delivery};
pub use metadata::{Headers, Id, Metadata, TRACEPARENT};
pub use nestling_macros::{EventPattern, MessagePattern, Service};
pub use pattern::{EventKind, EventPattern, MessageKind, MessagePattern, Pattern, Route};

/// What the derives name: not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use actix;
}
