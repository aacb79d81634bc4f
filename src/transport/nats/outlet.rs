//! Where the node's events leave the process.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_nats::message::OutboundMessage;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::client::Confirming;
use super::link::Link;
use super::message::{Unsendable, encode};
use super::outbox::What;
use crate::dead_letter::Reason;
use crate::event::SharedEvent;
use crate::panics::discard;
use crate::peer::{Outlet, Unconfirmed};

/// Takes those events whose subject a stream of the server's keeps.
pub(crate) trait DurablePublisher: Send + Sync + 'static {
    /// Whether it takes what is published on a subject.
    fn covers(&self, subject: &str) -> bool;

    /// As [`Outlet::emit`].
    fn publish(&self, event: SharedEvent);

    /// As [`Outlet::emit_confirmed`].
    fn publish_confirmed(
        &self,
        event: SharedEvent,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>>;
}

/// Where the node's events leave the process.
pub(crate) struct NatsOutlet {
    link: Arc<Link>,
    durable: OnceLock<Arc<dyn DurablePublisher>>,
}

impl NatsOutlet {
    pub(super) fn new(link: &Arc<Link>) -> Self {
        Self { link: Arc::clone(link), durable: OnceLock::new() }
    }

    /// From now on, what it covers goes to it. Only the first counts.
    pub(crate) fn set_durable(&self, publisher: Arc<dyn DurablePublisher>) {
        let _ = self.durable.set(publisher);
    }

    fn durable(&self, event: &SharedEvent) -> Option<&Arc<dyn DurablePublisher>> {
        self.durable.get().filter(|durable| durable.covers(event.metadata().route().as_str()))
    }

    fn message(&self, event: &SharedEvent) -> Result<OutboundMessage, Unsendable> {
        let (subject, headers, payload) = encode(event, &self.link.node)?;
        Ok(OutboundMessage { subject, reply: None, payload, headers: Some(headers) })
    }
}

impl std::fmt::Debug for NatsOutlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NatsOutlet").field("link", &self.link).finish_non_exhaustive()
    }
}

impl Outlet for NatsOutlet {
    fn emit(&self, event: SharedEvent) {
        if let Some(durable) = self.durable(&event) {
            return durable.publish(event);
        }
        match self.message(&event) {
            Ok(message) => {
                if let Err((refused, what)) = self.link.outbox.put(message, What::Event(Arc::clone(&event))) {
                    drop(what);
                    self.link.bury(&event, Reason::Unreachable, refused.reason(&self.link.server));
                }
            }
            Err(Unsendable { reason, message }) => self.link.bury(&event, reason, message),
        }
        discard(event);
    }

    fn emit_confirmed(
        &self,
        event: SharedEvent,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>> {
        if let Some(durable) = self.durable(&event) {
            return durable.publish_confirmed(event, within);
        }
        match self.message(&event) {
            Ok(message) => Confirming::event(&self.link, event, message, within),
            Err(unsendable) => std::future::ready(Err(Unconfirmed::Refused(unsendable.message))).boxed(),
        }
    }
}
