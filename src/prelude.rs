//! Everything that a service needs: this crate's names, and those of actix and serde that go with them.
//!
//! No name here is also in `actix::prelude`, so both can be imported side by side, but for those that are actix's.

pub use std::time::Duration;

pub use actix::fut::{ActorFutureExt, WrapFuture};
pub use actix::{
    Actor, ActorContext, Addr, AsyncContext, AtomicResponse, Context, Handler, ResponseActFuture,
    ResponseFuture, Supervised,
};
pub use serde::{Deserialize, Serialize};

pub use crate::{
    AnyEvent, Backoff, Client, ClientExt, DeadLetter, DeadLettered, DeadLetters, Delivery, EmitError,
    EventError, EventPattern, Filter, Headers, Id, ItemStream, MemoryStore, MessagePattern, Metadata, Node,
    OrUndefined, Patterns, Placement, Reason, ReplayOptions, RequestError, ResponseStream, RestartOn, Retry,
    Route, RpcError, Service, ServiceFailed, ServiceRestarted, ServiceStarted, ServiceStopped,
    ShutdownReport, StartError, Status, StreamPattern, SubscribeOptions, Subscription,
};
#[cfg(feature = "sqlite")]
pub use crate::{SqliteHandled, SqliteStore};
