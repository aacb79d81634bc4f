//! The future of a confirmed emit.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;

use super::core::Core;
use crate::error::EmitError;
use crate::event::SharedEvent;
use crate::peer::Unconfirmed;
use crate::registry::{BroadcastConfirmed, Outcome};

/// A confirmed emit, to be awaited.
#[must_use = "a confirmed emit is made when it is awaited; to emit without waiting, use `emit`"]
pub struct EmitConfirmed {
    /// None in a detached client.
    core: Option<Arc<Core>>,
    event: SharedEvent,
    /// It stays in the process.
    internal: bool,
    timeout: Option<Duration>,
}

impl EmitConfirmed {
    pub(super) fn new(core: Option<Arc<Core>>, event: SharedEvent, internal: bool) -> Self {
        Self { core, event, internal, timeout: None }
    }

    /// Waits for at most `timeout` instead of the node's default (5 s).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl IntoFuture for EmitConfirmed {
    type Output = Result<(), EmitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { core, event, internal, timeout } = self;
        let pattern = event.metadata().route().to_string();
        let Some(core) = core else {
            let reason = "the client belongs to no node".to_owned();
            return Box::pin(std::future::ready(Err(EmitError::Unavailable { pattern, reason })));
        };
        let after = timeout.unwrap_or(core.emit_timeout);
        Box::pin(async move {
            if !core.begin_emit() {
                return Err(EmitError::Unavailable { pattern, reason: core.closed() });
            }
            if let Some(outlet) = core.outlet(&event, internal).map(Arc::clone) {
                core.counters.sent.fetch_add(1, Ordering::SeqCst);
                return outlet.emit_confirmed(event, after).await.map_err(|error| match error {
                    Unconfirmed::Late => EmitError::Unconfirmed { pattern, after },
                    Unconfirmed::Refused(reason) => EmitError::Unreachable { pattern, reason },
                });
            }
            let (reply, outcome) = oneshot::channel();
            if core.registry.try_send(BroadcastConfirmed { event, timeout: after, reply }).is_err() {
                core.counters.emit_refused();
                return Err(EmitError::Unavailable { pattern, reason: core.closed() });
            }
            let Ok(Outcome { confirmed, timed_out }) = outcome.await else {
                return Err(EmitError::Unavailable { pattern, reason: core.closed() });
            };
            let (taken, subscribers) = (confirmed.taken, confirmed.subscribers);
            if timed_out {
                Err(EmitError::Timeout { pattern, after, taken, subscribers })
            } else if taken < subscribers {
                Err(EmitError::Stopped { pattern, taken, subscribers })
            } else {
                Ok(())
            }
        })
    }
}

impl std::fmt::Debug for EmitConfirmed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmitConfirmed").field("event", &self.event).field("timeout", &self.timeout).finish()
    }
}
