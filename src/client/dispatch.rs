//! How a request leaves its sender: at the first poll, to an inbox of this node or to a remote peer.

use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use crate::peer::{Outgoing, Peer};
use crate::routes::Destination;
use crate::supervisor::{AnyCall, Deadline, QueuedCall, Refusal};

/// A request that is about to leave, or has left.
pub(super) struct Dispatch {
    to: To,
    timeout: Duration,
    /// The sender has said how long it waits, and means it.
    exact: bool,
    /// It has been taken where it went.
    sent: bool,
}

enum To {
    /// By its place in the core's table.
    Local {
        core: Arc<Core>,
        destination: usize,
    },
    Remote(Box<Remote>),
}

struct Remote {
    /// None in the client of a peer, which belongs to no node.
    core: Option<Arc<Core>>,
    peer: Arc<dyn Peer>,
    request: Arc<dyn Outgoing>,
}

impl Dispatch {
    #[inline]
    pub(super) fn local(core: &Arc<Core>, destination: &Destination) -> Self {
        let timeout = core.request_timeout;
        let to = To::Local { core: Arc::clone(core), destination: destination.id };
        Self { to, timeout, exact: false, sent: false }
    }

    pub(super) fn remote(core: Option<&Arc<Core>>, peer: Arc<dyn Peer>, request: Arc<dyn Outgoing>) -> Self {
        let timeout = core.map_or_else(|| peer.request_timeout(), |core| core.request_timeout);
        let remote = Remote { core: core.map(Arc::clone), peer, request };
        Self { to: To::Remote(Box::new(remote)), timeout, exact: false, sent: false }
    }

    pub(super) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
        self.exact = true;
    }

    /// Whether it is still to be sent, and that may run its service, so that the reply may be there at once.
    #[inline]
    pub(super) fn may_run_directly(&self) -> bool {
        match &self.to {
            To::Local { core, destination } if !self.sent => {
                core.routes.destination(*destination).inbox.may_run_directly()
            }
            To::Local { .. } | To::Remote(_) => false,
        }
    }

    /// Sends the request, if it has not been sent: `directly` if it [may](Self::may_run_directly).
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    #[inline]
    pub(super) fn send(
        &mut self,
        directly: bool,
        call: impl FnOnce() -> Arc<dyn AnyCall>,
    ) -> Result<(), Refusal> {
        if self.sent {
            return Ok(());
        }
        let deadline =
            if self.exact { Deadline::after(self.timeout) } else { Deadline::default_of(self.timeout) };
        match &self.to {
            To::Local { core, destination } => {
                admitted(core)?;
                let Destination { inbox, handler, .. } = core.routes.destination(*destination);
                let queued = QueuedCall { handler: *handler, call: call(), deadline, after: self.timeout };
                if directly { inbox.request_directly(queued)? } else { inbox.request(queued)? }
            }
            To::Remote(remote) => {
                remote.core.as_ref().map_or(Ok(()), admitted)?;
                remote.peer.request(Arc::clone(&remote.request), deadline, self.timeout)?;
            }
        }
        self.sent = true;
        Ok(())
    }

    #[inline]
    pub(super) fn is_sent(&self) -> bool {
        self.sent
    }

    /// The sender waits no longer; true if what it waited for has been sent.
    pub(super) fn abandoned(&self) -> bool {
        if let (true, To::Local { core, destination }) = (self.sent, &self.to) {
            core.routes.destination(*destination).inbox.abandoned();
        }
        self.sent
    }
}

#[inline]
fn admitted(core: &Arc<Core>) -> Result<(), Refusal> {
    if core.admits() { Ok(()) } else { Err(Refusal::Unavailable { reason: core.closed() }) }
}

impl std::fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatch").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
