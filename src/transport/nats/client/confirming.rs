//! Whether something is with the server: a message to the node's own inbox comes back when all before it has come.
//!
//! The client's own `flush` says only that it has been written.

use std::any::Any;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use async_nats::message::OutboundMessage;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::super::link::Link;
use super::super::outbox::What;
use crate::event::{Envelope, SharedEvent};
use crate::metadata::Metadata;
use crate::peer::{Answer, Outgoing, Unconfirmed};
use crate::scope::HasMetadata;
use crate::supervisor::{AnyCall, Deadline, Refusal};
use crate::transport::pending::Waiting;
use crate::transport::ticket::Ticket;

type Told = oneshot::Sender<Result<(), Unconfirmed>>;

/// Somebody who waits until something is with the server.
pub(in crate::transport::nats) struct Confirming {
    id: u64,
    event: SharedEvent,
    told: Mutex<Option<Told>>,
}

impl Confirming {
    /// Sends an event, and waits until it is there.
    pub(in crate::transport::nats) fn event(
        link: &Arc<Link>,
        event: SharedEvent,
        message: OutboundMessage,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>> {
        Self::begin(link, event, Some(message), within)
    }

    /// Waits until all that was sent before is there.
    pub(in crate::transport::nats) fn ping(
        link: &Arc<Link>,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>> {
        let nothing = Envelope::foreign(Metadata::new("".into(), None, None, None), None);
        Self::begin(link, Arc::new(nothing), None, within)
    }

    fn begin(
        link: &Arc<Link>,
        event: SharedEvent,
        message: Option<OutboundMessage>,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>> {
        let Link { calls, outbox, server, .. } = &**link;
        let refused = |reason| std::future::ready(Err(Unconfirmed::Refused(reason))).boxed();
        if let Err(bound) = calls.admit() {
            return refused(format!("{bound} requests wait for {server} already: see `max_requests`"));
        }
        let id = calls.id();
        let (told, outcome) = oneshot::channel();
        let call = Arc::new(Self { id, event, told: Mutex::new(Some(told)) });
        if let Some(message) = message
            && let Err((problem, _)) = outbox.put(message, What::Awaited(Arc::clone(&call)))
        {
            calls.gave_up();
            return refused(problem.reason(server));
        }
        let ticket = Ticket::new(Arc::clone(&call) as Arc<dyn Outgoing>);
        calls.insert(id, Waiting { ticket, deadline: Deadline::after(within), after: within });
        let (subject, payload) = (calls.reply_to(id), Bytes::new());
        let ping = OutboundMessage { subject, reply: None, payload, headers: None };
        if let Err((problem, _)) = outbox.put(ping, What::Ping(Arc::clone(&call))) {
            call.refuse_with(&problem.reason(server));
        }
        outcome.map(|told| told.unwrap_or(Err(Unconfirmed::Late))).boxed()
    }

    pub(in crate::transport::nats) fn id(&self) -> u64 {
        self.id
    }

    pub(in crate::transport::nats) fn refuse_with(&self, reason: &str) {
        self.tell(Err(Unconfirmed::Refused(reason.to_owned())));
    }

    fn tell(&self, outcome: Result<(), Unconfirmed>) {
        let told = self.told.lock().take();
        if let Some(told) = told {
            let _ = told.send(outcome);
        }
    }
}

impl HasMetadata for Confirming {
    fn metadata(&self) -> &Metadata {
        self.event.metadata()
    }
}

impl AnyCall for Confirming {
    fn refuse(&self, refusal: Refusal) {
        let reason = match refusal {
            Refusal::Transport { message } => message,
            Refusal::Unavailable { reason } => reason,
            other => format!("{other:?}"),
        };
        self.tell(Err(Unconfirmed::Refused(reason)));
    }

    fn expire(&self, _: Duration) {
        self.tell(Err(Unconfirmed::Late));
    }

    fn is_settled(&self) -> bool {
        let told = self.told.lock();
        told.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn set_runner(&self, _: &Waker) {}

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Only its answer is of interest: that it came.
impl Outgoing for Confirming {
    fn pattern(&self) -> &str {
        "null"
    }

    fn write_payload(&self, _: &mut Vec<u8>) -> Result<bool, Refusal> {
        Ok(false)
    }

    fn answer(&self, _: Answer<'_>) {
        self.tell(Ok(()));
    }
}
