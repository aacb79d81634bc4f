//! Patterns: the names of messages and events, and the traits that both derives write.
//!
//! A type is a [`MessagePattern`] (request-response), a [`StreamPattern`] (a response of many items) or an
//! [`EventPattern`] (fire-and-forget), and only one of them: all derives write the same [`actix::Message`] impl. The
//! words are those of [NestJS microservices](https://docs.nestjs.com/microservices/basics).

mod check;
mod order;
mod route;

pub(crate) use check::check;
pub use route::Route;
pub(crate) use route::route_of_json;

use std::sync::OnceLock;

use actix::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::EventError;
use crate::stream::ItemStream;

/// The kind of a [`MessagePattern`]: its sender waits for a response.
#[derive(Debug, Clone, Copy)]
pub struct MessageKind;

/// The kind of an [`EventPattern`]: nothing comes back.
#[derive(Debug, Clone, Copy)]
pub struct EventKind;

/// The kind of a [`StreamPattern`]: its caller reads items.
#[derive(Debug, Clone, Copy)]
pub struct StreamKind;

/// A typed message or event. Written by `#[derive(MessagePattern)]`, `#[derive(StreamPattern)]` and
/// `#[derive(EventPattern)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pattern",
    label = "not a pattern",
    note = "derive `MessagePattern` (its sender waits for a response), `StreamPattern` (its caller reads a stream of items) or `EventPattern` (fire and forget)"
)]
pub trait Pattern: Message + Serialize + DeserializeOwned + Send + 'static {
    /// [`MessageKind`], [`StreamKind`] or [`EventKind`].
    type Kind;

    /// The patterns as JSON texts: the first is the one that is sent, the others are aliases that reach the
    /// same handler.
    const PATTERNS: &'static [&'static str];

    /// Whether the pattern is kept off every transport.
    const INTERNAL: bool = false;

    /// Where the derives keep the route once it is known; impls by hand need none.
    #[doc(hidden)]
    fn known_route() -> Option<&'static OnceLock<Route>> {
        None
    }

    /// Checks a payload that came from outside the process, before the handler sees it.
    ///
    /// # Errors
    ///
    /// What is wrong, naming the field. Written by `validate = path::to::fn` in the derive.
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A message: one handler, one typed response. Written by `#[derive(MessagePattern)]`.
pub trait MessagePattern:
    Pattern<Kind = MessageKind> + Message<Result = Result<Self::Response, Self::Error>>
{
    /// What the handler answers.
    type Response: Serialize + DeserializeOwned + Send + 'static;
    /// The service's own error.
    type Error: std::error::Error + Serialize + DeserializeOwned + Send + Sync + 'static;
}

/// A message whose response is a stream: one handler, items as they come. Written by `#[derive(StreamPattern)]`. It is
/// how a NestJS handler answers that returns an Observable.
pub trait StreamPattern:
    Pattern<Kind = StreamKind> + Message<Result = ItemStream<Self::Item, Self::Error>>
{
    /// What the stream is made of.
    type Item: Serialize + DeserializeOwned + Send + 'static;
    /// The service's own error.
    type Error: std::error::Error + Serialize + DeserializeOwned + Send + Sync + 'static;
}

/// An event: any number of subscribers, nothing comes back. Written by `#[derive(EventPattern)]`.
pub trait EventPattern:
    Pattern<Kind = EventKind> + Message<Result = Result<(), EventError>> + Clone + Send + Sync
{
}
