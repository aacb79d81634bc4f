//! An event of any pattern.

use std::fmt;

use actix::Message;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::envelope::SharedEvent;
use super::whose::Whose;
use crate::error::EventError;
use crate::metadata::{Headers, Id, Metadata};
use crate::pattern::Route;

/// An event of any pattern, for subscribers that match by wildcard: audit, logs, bridges.
///
/// ```
/// use nestling::prelude::*;
///
/// #[derive(Default)]
/// struct Audit { seen: Vec<String> }
/// impl Actor for Audit { type Context = Context<Self>; }
/// impl Supervised for Audit {}
/// impl Service for Audit {
///     const NAME: &'static str = "audit";
///     fn patterns(patterns: &mut Patterns<Self>) {
///         patterns.matching("order.>");
///     }
/// }
/// impl Handler<AnyEvent> for Audit {
///     type Result = Result<(), EventError>;
///     fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
///         self.seen.push(format!("{} {}", event.route(), event.payload()?));
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct AnyEvent {
    event: SharedEvent,
    attempt: u32,
    whose: Whose,
}

impl AnyEvent {
    pub(crate) fn new(event: SharedEvent, attempt: u32, whose: Whose) -> Self {
        Self { event, attempt, whose }
    }

    pub(crate) fn whose(&self) -> &Whose {
        &self.whose
    }

    pub(crate) fn shared(&self) -> &SharedEvent {
        &self.event
    }

    /// All that travels beside the payload.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        self.event.metadata()
    }

    /// Which attempt this is: 1 is the first.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// See [`Metadata::route`].
    #[must_use]
    pub fn route(&self) -> &Route {
        self.metadata().route()
    }

    /// See [`Metadata::id`].
    #[must_use]
    pub fn id(&self) -> &Id {
        self.metadata().id()
    }

    /// See [`Metadata::headers`].
    #[must_use]
    pub fn headers(&self) -> &Headers {
        self.metadata().headers()
    }

    /// The payload as JSON text, made once for all who ask.
    ///
    /// # Errors
    ///
    /// If the payload's type cannot be serialised.
    pub fn json(&self) -> Result<&str, EventError> {
        self.event.json().map_err(|error| {
            EventError::msg(format!("the payload of `{}` cannot be serialised: {error}", self.route()))
        })
    }

    /// The payload as a JSON value.
    ///
    /// # Errors
    ///
    /// As [`json`](Self::json).
    pub fn payload(&self) -> Result<Value, EventError> {
        self.decode()
    }

    /// The payload read as a `T`.
    ///
    /// # Errors
    ///
    /// As [`json`](Self::json), and if the payload does not fit `T`.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, EventError> {
        Ok(serde_json::from_str(self.json()?)?)
    }
}

impl fmt::Debug for AnyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyEvent").field("attempt", &self.attempt).field("metadata", self.metadata()).finish()
    }
}

impl Message for AnyEvent {
    type Result = Result<(), EventError>;
}
