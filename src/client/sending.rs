//! The future of a request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::core::Core;
use crate::error::RequestError;
use crate::pattern::Route;
use crate::routes::Destination;
use crate::supervisor::{Deadline, Pending, Refusal};

/// A node's default timeout from which on it is kept to within a quarter of a second only, at no cost to the request.
const COARSE: Duration = Duration::from_secs(5);

/// A request on its way. It is sent at the first poll; dropping it takes it back: if it was not begun it never is,
/// and if it runs asynchronously it is dropped with its future.
#[must_use = "a request is sent when it is awaited; to notify without waiting, emit an event"]
pub struct SendFuture<R: 'static> {
    timeout: Duration,
    /// The sender has said how long it waits, and means it.
    exact: bool,
    state: State<R>,
}

enum State<R: 'static> {
    Call {
        core: Arc<Core>,
        /// Where it goes, in the core's table.
        destination: usize,
        /// The request is in the inbox.
        sent: bool,
        call: Arc<dyn Pending<R>>,
    },
    Refused(Route, Refusal),
    Done,
}

impl<R: 'static> SendFuture<R> {
    #[inline]
    pub(super) fn new(core: &Arc<Core>, destination: &Destination, call: Arc<dyn Pending<R>>) -> Self {
        let state = State::Call { core: Arc::clone(core), destination: destination.id, sent: false, call };
        Self { timeout: core.request_timeout, exact: core.request_timeout < COARSE, state }
    }

    pub(super) fn refused(route: Route, refusal: Refusal) -> Self {
        Self { timeout: Duration::ZERO, exact: true, state: State::Refused(route, refusal) }
    }

    pub(super) fn detached(route: Route) -> Self {
        Self::refused(route, Refusal::Unavailable { reason: "the client belongs to no node".to_owned() })
    }

    pub(super) fn no_handler(route: Route) -> Self {
        Self::refused(route, Refusal::NoHandler)
    }

    /// Waits for at most `timeout`, from the first poll on, instead of the node's default (30 s, kept to within a
    /// quarter of a second).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self.exact = true;
        self
    }

    /// The reply, or the route of the request and why there is none.
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, (String, Refusal)>> {
        let reply = match &mut self.state {
            State::Call { core, destination, sent, call } => {
                let queued = match sent {
                    true => Ok(()),
                    false => queue(core, *destination, call, self.timeout, self.exact),
                };
                let reply = match queued {
                    Ok(()) => {
                        *sent = true;
                        match call.poll_reply(cx) {
                            Poll::Ready(reply) => reply,
                            Poll::Pending => return Poll::Pending,
                        }
                    }
                    Err(refusal) => Err(refusal),
                };
                reply.map_err(|refusal| (call.metadata().route().to_string(), refusal))
            }
            State::Refused(route, refusal) => Err((route.to_string(), refusal.clone())),
            // Polled again after its end, which futures need not bear; pending is the mildest answer.
            State::Done => return Poll::Pending,
        };
        self.state = State::Done;
        Poll::Ready(reply)
    }
}

/// Puts a request into the inbox of its service.
fn queue<R: 'static>(
    core: &Arc<Core>,
    destination: usize,
    call: &Arc<dyn Pending<R>>,
    timeout: Duration,
    exact: bool,
) -> Result<(), Refusal> {
    let deadline = match exact {
        // A timeout beyond the clock's end is none.
        true => Instant::now().checked_add(timeout).map_or(Deadline::Never, Deadline::At),
        false => Deadline::Unstamped,
    };
    if !core.admits() {
        return Err(Refusal::Unavailable { reason: core.closed() });
    }
    let Destination { inbox, handler, .. } = core.routes.destination(destination);
    inbox.request(*handler, Arc::clone(call) as _, deadline, timeout)
}

impl<T: 'static, E: 'static> Future for SendFuture<Result<T, E>> {
    type Output = Result<T, RequestError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_reply(cx).map(|reply| match reply {
            Ok(result) => result.map_err(RequestError::Handler),
            Err((route, refusal)) => Err(refusal.into_error(route)),
        })
    }
}

impl<R> Drop for SendFuture<R> {
    fn drop(&mut self) {
        if let State::Call { core, destination, sent: true, call } = &self.state {
            call.abandon();
            core.routes.destination(*destination).inbox.abandoned();
        }
    }
}

impl<R> std::fmt::Debug for SendFuture<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let route = match &self.state {
            State::Call { call, .. } => Some(call.metadata().route()),
            State::Refused(route, _) => Some(route),
            State::Done => None,
        };
        f.debug_struct("SendFuture")
            .field("route", &route)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
