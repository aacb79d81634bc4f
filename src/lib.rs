//! Nestling turns [actix](https://docs.rs/actix) actors into services: **message patterns** (request-response, a typed
//! `Result` back) and **event patterns** (fire-and-forget, broadcast to the subscribed services). A supervisor restarts
//! a handler that fails or panics without losing its address or its queue, and what it failed on becomes a **dead
//! letter** that can be replayed.
//!
//! ```
//! use nestling::prelude::*;
//!
//! #[derive(Debug, Serialize, Deserialize, MessagePattern)]
//! #[message_pattern(cmd = "greet", response = String, error = Nameless)]
//! struct Greet { name: String }
//!
//! #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
//! #[error("nobody to greet")]
//! struct Nameless;
//!
//! #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
//! #[event_pattern("guest.greeted")]
//! struct GuestGreeted { name: String }
//!
//! #[derive(Service)]
//! #[service("greeter", messages(Greet))]
//! struct Greeter;
//!
//! impl Handler<Greet> for Greeter {
//!     type Result = Result<String, Nameless>;
//!     fn handle(&mut self, Greet { name }: Greet, ctx: &mut Context<Self>) -> Self::Result {
//!         if name.is_empty() {
//!             return Err(Nameless);
//!         }
//!         ctx.client().emit(GuestGreeted { name: name.clone() });
//!         Ok(format!("hello, {name}"))
//!     }
//! }
//!
//! #[actix::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let node = Node::builder("lobby").service(Greeter).start().await?;
//!     let greeting = node.client().send(Greet { name: "Ada".into() }).await?;
//!     assert_eq!(greeting, "hello, Ada");
//!     node.shutdown(Duration::from_secs(1)).await;
//!     Ok(())
//! }
//! ```
//!
//! # The map
//!
//! | to | look at |
//! |---|---|
//! | declare messages, streams and events | [`MessagePattern`], [`StreamPattern`], [`EventPattern`], [`Delivery`], [`AnyEvent`], [`OrUndefined`] |
//! | make an actor a service | [`Service`], [`Patterns`], [`EventOptions`], [`MessageOptions`] |
//! | run services | [`Node`], [`NodeBuilder`], [`Placement`], [`Subscription`] |
//! | send and emit | [`Client`], [`ClientExt`], [`RequestError`], [`EmitError`], [`EventError`], [`RpcError`] |
//! | say what a failure does | [`Retry`], [`RestartOn`], [`Backoff`] |
//! | handle each event once | [`NodeBuilder::handled`], [`HandledStore`], [`MemoryHandled`] |
//! | look at failures | [`DeadLetters`], [`DeadLetter`], [`Filter`], [`MemoryStore`], [`dead_letter`] |
//! | watch | [`NodeStats`], [`ServiceFailed`] and the other lifecycle events |

#![cfg_attr(
    not(all(feature = "nats", feature = "tcp")),
    allow(dead_code, reason = "some of it only a transport uses")
)]

// The derives name this crate from the outside.
extern crate self as nestling;

mod client;
pub mod dead_letter;
mod decode;
mod erased;
mod error;
mod event;
mod far;
#[cfg_attr(not(feature = "nats"), allow(dead_code, reason = "only a broker delivers an event twice"))]
mod handled;
mod metadata;
mod node;
mod panics;
mod pattern;
mod peer;
pub mod prelude;
mod registry;
mod routes;
mod scope;
mod service;
#[cfg(feature = "sqlite")]
mod sqlite_file;
mod stream;
mod supervisor;
#[cfg(any(feature = "nats", feature = "tcp"))]
mod transport;
mod undefined;
#[cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports, reason = "some of it only the tool uses"))]
mod wire;

pub use client::{Client, ClientExt, EmitConfirmed, Emittable, NoStream, SendFuture, Sendable, Streamable};
pub use dead_letter::{
    DeadLetter, DeadLetterStats, DeadLetterStore, DeadLetters, Filter, MemoryStore, Reason, ReplayError,
    ReplayOptions, ReplayReport, Replayed, Status, StoreError,
};
#[cfg(feature = "sqlite")]
pub use dead_letter::{SqliteReader, SqliteStore};
pub use error::{EmitError, EventError, RemoteError, RequestError, RpcError};
pub use event::{AnyEvent, Delivery};
#[cfg(feature = "sqlite")]
pub use handled::SqliteHandled;
pub use handled::{HandledError, HandledKey, HandledStore, MemoryHandled};
pub use metadata::{Headers, Id, Metadata, TRACEPARENT};
pub use nestling_macros::{EventPattern, MessagePattern, Service, StreamPattern};
pub use node::{
    DeadLettered, DeliveryPromise, EventPath, Node, NodeBuilder, NodeDescription, NodeStats, Placement,
    RemoteKind, RemoteList, RemotePatterns, ServiceFailed, ServiceRestarted, ServiceStarted, ServiceStats,
    ServiceStopped, ShutdownReport, StartError, SubscribeOptions, Subscription, SubscriptionLedger,
    SubscriptionPromise, Survives,
};
pub use pattern::{
    EventKind, EventPattern, MessageKind, MessagePattern, Pattern, Route, StreamKind, StreamPattern,
};
/// The crate behind `SqliteHandled`, for the transactions that [`Delivery::transaction`] lends.
#[cfg(feature = "sqlite")]
pub use rusqlite;
pub use service::{EventInput, EventOptions, MessageInput, MessageOptions, Patterns, Service, StreamInput};
pub use stream::{ItemStream, ResponseStream};
pub use supervisor::{Backoff, RequestStats, RestartOn, Retry, ServiceState, SubscriptionStats};
/// The crate that does the cryptography, for [`ServerTls::from_config`] and [`ClientTls::from_config`].
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
#[cfg(feature = "nats")]
pub use transport::nats::{DeadLetterStream, JetStreamStore, Nats, Storage, Stream};
#[cfg(feature = "tls")]
pub use transport::tcp::{ClientTls, ServerTls, TlsError};
#[cfg(feature = "tcp")]
pub use transport::tcp::{Tcp, TcpClient, TcpClientBuilder, TcpStatus, Unsent};
pub use undefined::OrUndefined;

/// The README's code compiles and runs, with the default features.
#[cfg(all(doctest, feature = "sqlite", feature = "tcp"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;

/// What the derives and the tool name: not part of the public interface.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "cli")]
    pub use crate::wire::tool;
    pub use actix;
}
