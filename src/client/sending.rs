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
use crate::supervisor::{Deadline, Inbox, Pending, Refusal};

/// A node's default timeout from which on it is kept to within a quarter of a second only, at no cost to the request.
const COARSE: Duration = Duration::from_secs(5);

/// A request on its way. It is sent at the first poll; dropping it takes it back: if it was not begun it never is,
/// and if it runs asynchronously it is dropped with its future.
#[must_use = "a request is sent when it is awaited; to notify without waiting, emit an event"]
pub struct SendFuture<R: 'static> {
    route: Route,
    timeout: Duration,
    /// The sender has said how long it waits, and means it.
    exact: bool,
    state: State<R>,
}

enum State<R: 'static> {
    New { core: Arc<Core>, inbox: Arc<Inbox>, handler: u32, call: Arc<dyn Pending<R>> },
    Waiting(Arc<dyn Pending<R>>),
    Refused(Refusal),
    Done,
}

impl<R: 'static> SendFuture<R> {
    pub(super) fn new(
        route: Route,
        core: &Arc<Core>,
        destination: &Destination,
        call: Arc<dyn Pending<R>>,
    ) -> Self {
        let state = State::New {
            core: Arc::clone(core),
            inbox: Arc::clone(&destination.inbox),
            handler: destination.handler,
            call,
        };
        Self { route, timeout: core.request_timeout, exact: core.request_timeout < COARSE, state }
    }

    pub(super) fn refused(route: Route, refusal: Refusal) -> Self {
        Self { route, timeout: Duration::ZERO, exact: true, state: State::Refused(refusal) }
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

    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, Refusal>> {
        if let State::New { core, inbox, handler, call } = &self.state {
            if !core.admits() {
                let reason = core.closed();
                self.state = State::Done;
                return Poll::Ready(Err(Refusal::Unavailable { reason }));
            }
            let deadline = match self.exact {
                // A timeout beyond the clock's end is none.
                true => Instant::now().checked_add(self.timeout).map_or(Deadline::Never, Deadline::At),
                false => Deadline::Unstamped,
            };
            let queued = Arc::clone(call);
            if let Err(refusal) = inbox.request(*handler, Arc::clone(call) as _, deadline, self.timeout) {
                self.state = State::Done;
                return Poll::Ready(Err(refusal));
            }
            self.state = State::Waiting(queued);
        }
        match &self.state {
            State::Waiting(call) => {
                let polled = call.poll_reply(cx);
                if polled.is_ready() {
                    self.state = State::Done;
                }
                polled
            }
            State::Refused(refusal) => Poll::Ready(Err(refusal.clone())),
            // Polled again after its end, which futures need not bear; pending is the mildest answer.
            State::New { .. } | State::Done => Poll::Pending,
        }
    }
}

impl<T: 'static, E: 'static> Future for SendFuture<Result<T, E>> {
    type Output = Result<T, RequestError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_reply(cx).map(|reply| match reply {
            Ok(result) => result.map_err(RequestError::Handler),
            Err(refusal) => Err(refusal.into_error(self.route.to_string())),
        })
    }
}

impl<R> Drop for SendFuture<R> {
    fn drop(&mut self) {
        if let State::Waiting(call) = &self.state {
            call.abandon();
        }
    }
}

impl<R> std::fmt::Debug for SendFuture<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SendFuture")
            .field("route", &self.route)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
