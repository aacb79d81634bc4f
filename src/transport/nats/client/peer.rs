//! NATS as the peer that answers what nobody here does.

use std::sync::Arc;
use std::time::Duration;

use super::super::link::Link;
use super::super::outbox::{Refused, What};
use super::encode;
use crate::peer::{Outgoing, Peer};
use crate::supervisor::{Deadline, Refusal};
use crate::transport::pending::Waiting;
use crate::transport::ticket::Ticket;

/// Whoever serves a route on NATS.
pub(in crate::transport::nats) struct NatsPeer {
    link: Arc<Link>,
    request_timeout: Duration,
}

impl NatsPeer {
    pub(in crate::transport::nats) fn new(link: &Arc<Link>, request_timeout: Duration) -> Self {
        Self { link: Arc::clone(link), request_timeout }
    }
}

impl Peer for NatsPeer {
    fn name(&self) -> &str {
        &self.link.server
    }

    /// While there is no connection it is refused at once.
    fn request(
        &self,
        request: Arc<dyn Outgoing>,
        deadline: Deadline,
        after: Duration,
    ) -> Result<(), Refusal> {
        let Link { calls, outbox, server, .. } = &*self.link;
        if outbox.is_away() {
            return Err(Refusal::Transport { message: Refused::Away.reason(server) });
        }
        calls.admit().map_err(|bound| Refusal::Overloaded { service: server.clone(), bound })?;
        let id = calls.id();
        let message = encode::request(calls, &*request, id).inspect_err(|_| calls.gave_up())?;
        calls.insert(id, Waiting { ticket: Ticket::new(Arc::clone(&request)), deadline, after });
        if let Err((refused, _)) = outbox.put(message, What::Request) {
            // The task forgets what is settled.
            request.refuse(Refusal::Transport { message: refused.reason(server) });
        }
        Ok(())
    }

    fn request_timeout(&self) -> Duration {
        self.request_timeout
    }
}
