//! A typed payload together with its metadata.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use actix::Message;

use super::envelope::Envelope;
use super::whose::Whose;
use crate::metadata::{Headers, Id, Metadata};
use crate::pattern::{EventKind, EventPattern, MessageKind, Pattern, Route, StreamKind};

/// A message or event together with its metadata. A handler that takes `Delivery<P>` in place of `P` sees
/// route, id, attempt, headers and correlation; it derefs to the payload and shares one allocation with all
/// other subscribers, so nothing is copied. `Delivery::from(payload)` makes one by hand, for `Addr::send` and for tests.
///
/// ```
/// use nestling::prelude::*;
///
/// #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
/// #[event_pattern("order.created")]
/// struct OrderCreated { order_id: u64 }
///
/// struct Audit;
/// impl Actor for Audit { type Context = Context<Self>; }
/// impl Handler<Delivery<OrderCreated>> for Audit {
///     type Result = Result<(), EventError>;
///     fn handle(&mut self, order: Delivery<OrderCreated>, _: &mut Context<Self>) -> Self::Result {
///         println!("{} on {}, attempt {}", order.order_id, order.route(), order.attempt());
///         Ok(())
///     }
/// }
/// ```
pub struct Delivery<P> {
    envelope: Arc<Envelope<P>>,
    attempt: u32,
    whose: Whose,
}

impl<P> Delivery<P> {
    pub(crate) fn new(envelope: Arc<Envelope<P>>, attempt: u32, whose: Whose) -> Self {
        Self { envelope, attempt, whose }
    }

    /// A delivery that is no subscription's: a message's, or one made by hand.
    pub(crate) fn of_message(envelope: Arc<Envelope<P>>) -> Self {
        Self::new(envelope, 1, Whose::new(u32::MAX))
    }

    pub(crate) fn whose(&self) -> &Whose {
        &self.whose
    }

    /// The payload of a message, by value.
    fn only(self) -> P {
        match Arc::into_inner(self.envelope) {
            Some(envelope) => envelope.payload,
            // A message's delivery is made for one handler or by hand, holds the only reference, and is not `Clone`.
            None => unreachable!("a message's envelope is never shared"),
        }
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &P {
        &self.envelope.payload
    }

    /// All that travels beside the payload.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.envelope.metadata
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

    /// See [`Metadata::correlation_id`].
    #[must_use]
    pub fn correlation_id(&self) -> &Id {
        self.metadata().correlation_id()
    }

    /// See [`Metadata::causation_id`].
    #[must_use]
    pub fn causation_id(&self) -> Option<&Id> {
        self.metadata().causation_id()
    }
}

impl<P: Pattern> Delivery<P>
where
    P::Kind: Unwrap<P>,
{
    /// The payload by value. A message is moved out; an event, which others may share, is cloned if it must be.
    #[must_use]
    pub fn into_inner(self) -> P {
        <P::Kind as Unwrap<P>>::unwrap(self)
    }
}

/// How a kind of pattern gives its payload away.
pub trait Unwrap<P> {
    #[doc(hidden)]
    fn unwrap(delivery: Delivery<P>) -> P;
}

impl<P: Pattern<Kind = MessageKind>> Unwrap<P> for MessageKind {
    fn unwrap(delivery: Delivery<P>) -> P {
        delivery.only()
    }
}

impl<P: Pattern<Kind = StreamKind>> Unwrap<P> for StreamKind {
    fn unwrap(delivery: Delivery<P>) -> P {
        delivery.only()
    }
}

impl<P: EventPattern> Unwrap<P> for EventKind {
    fn unwrap(delivery: Delivery<P>) -> P {
        Arc::try_unwrap(delivery.envelope).map_or_else(|shared| shared.payload.clone(), |own| own.payload)
    }
}

impl<P: EventPattern> Clone for Delivery<P> {
    fn clone(&self) -> Self {
        Self { envelope: Arc::clone(&self.envelope), attempt: self.attempt, whose: self.whose.clone() }
    }
}

impl<P> Deref for Delivery<P> {
    type Target = P;

    fn deref(&self) -> &P {
        self.payload()
    }
}

impl<P: fmt::Debug> fmt::Debug for Delivery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("payload", self.payload())
            .field("attempt", &self.attempt)
            .field("metadata", self.metadata())
            .finish()
    }
}

impl<P: Pattern> Message for Delivery<P> {
    type Result = P::Result;
}
