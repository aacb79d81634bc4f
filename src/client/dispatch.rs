//! How a request leaves its sender: at the first poll, to an inbox of this node or to a remote peer.

use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use crate::peer::{Outgoing, Peer};
use crate::routes::Destination;
use crate::supervisor::{AnyCall, Deadline, Inbox, Refusal};

/// A request that is about to leave, or has left.
pub(super) struct Dispatch {
    /// None in the client of a peer, which belongs to no node.
    core: Option<Arc<Core>>,
    to: To,
    timeout: Duration,
    /// The sender has said how long it waits, and means it.
    exact: bool,
    sent: bool,
}

enum To {
    Inbox { inbox: Arc<Inbox>, handler: u32 },
    Peer { peer: Arc<dyn Peer>, request: Arc<dyn Outgoing> },
}

impl Dispatch {
    pub(super) fn local(core: &Arc<Core>, destination: &Destination) -> Self {
        let to = To::Inbox { inbox: Arc::clone(&destination.inbox), handler: destination.handler };
        Self::new(Some(Arc::clone(core)), to, core.request_timeout)
    }

    pub(super) fn remote(core: Option<&Arc<Core>>, peer: &Arc<dyn Peer>, request: Arc<dyn Outgoing>) -> Self {
        let timeout = core.map_or_else(|| peer.request_timeout(), |core| core.request_timeout);
        Self::new(core.map(Arc::clone), To::Peer { peer: Arc::clone(peer), request }, timeout)
    }

    fn new(core: Option<Arc<Core>>, to: To, timeout: Duration) -> Self {
        Self { core, to, timeout, exact: false, sent: false }
    }

    pub(super) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
        self.exact = true;
    }

    /// Sends the request, if it has not been sent.
    #[inline]
    pub(super) fn send(&mut self, call: impl FnOnce() -> Arc<dyn AnyCall>) -> Result<(), Refusal> {
        if self.sent {
            return Ok(());
        }
        self.sent = true;
        if let Some(core) = &self.core
            && !core.admits()
        {
            return Err(Refusal::Unavailable { reason: core.closed() });
        }
        let deadline =
            if self.exact { Deadline::after(self.timeout) } else { Deadline::default_of(self.timeout) };
        match &self.to {
            To::Inbox { inbox, handler } => inbox.request(*handler, call(), deadline, self.timeout),
            To::Peer { peer, request } => peer.request(Arc::clone(request), deadline, self.timeout),
        }
    }

    /// The sender waits no longer for what it has sent.
    pub(super) fn abandoned(&self) {
        if let (true, To::Inbox { inbox, .. }) = (self.sent, &self.to) {
            inbox.abandoned();
        }
    }
}

impl std::fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatch").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
