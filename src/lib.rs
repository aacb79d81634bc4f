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
pub use pattern::{EventKind, EventPattern, MessageKind, MessagePattern, Pattern, Route};
