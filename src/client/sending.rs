//! The future of a request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::dispatch::Dispatch;
use crate::error::RequestError;
use crate::pattern::Route;
use crate::stream::ItemStream;
use crate::supervisor::{Pending, Refusal};

/// A request on its way. It is sent at the first poll; dropping it takes it back: if it was not begun it never is,
/// and if it runs asynchronously it is dropped with its future. Only an [`AtomicResponse`](actix::AtomicResponse), which
/// actix drives, runs to its end all the same.
///
/// Where that poll happens on the service's own thread, which is the node's, and no message or event waits for the
/// service, the service is polled right there, and a response that its handler has at once is the poll's result. So do
/// not poll it while holding a lock, or a `RefCell`'s borrow, that the handler needs: as with any future, an `.await` is no
/// place for that.
#[must_use = "a request is sent when it is awaited; to notify without waiting, emit an event"]
pub struct SendFuture<R: 'static> {
    state: State<R>,
}

enum State<R: 'static> {
    Call { dispatch: Dispatch, call: Arc<dyn Pending<R>> },
    Refused(Route, Refusal),
    Done,
}

/// A request without a reply.
struct Lost {
    route: String,
    refusal: Refusal,
}

#[cold]
fn lost(route: &Route, refusal: Refusal) -> Box<Lost> {
    Box::new(Lost { route: route.to_string(), refusal })
}

impl<R: 'static> SendFuture<R> {
    #[inline]
    pub(super) fn new(dispatch: Dispatch, call: Arc<dyn Pending<R>>) -> Self {
        Self { state: State::Call { dispatch, call } }
    }

    pub(super) fn refused(route: Route, refusal: Refusal) -> Self {
        Self { state: State::Refused(route, refusal) }
    }

    /// Waits for at most `timeout`, from the first poll on, instead of the node's default (30 s, kept to within a
    /// quarter of a second).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let State::Call { dispatch, .. } = &mut self.state {
            dispatch.set_timeout(timeout);
        }
        self
    }

    /// The reply, or the route of the request and why there is none.
    #[inline]
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, Box<Lost>>> {
        let reply = match &mut self.state {
            State::Call { dispatch, call } => {
                let directly = dispatch.may_run_directly();
                // One lock less than to ask for a reply that cannot be there yet.
                let is_expected = !directly
                    && !dispatch.is_sent()
                    && Arc::get_mut(call).is_some_and(|call| call.expect_reply(cx.waker()));
                let reply = match dispatch.send(directly, || Arc::clone(call) as _) {
                    Ok(()) if is_expected => return Poll::Pending,
                    Ok(()) => match call.poll_reply(cx) {
                        Poll::Ready(reply) => reply,
                        Poll::Pending => return Poll::Pending,
                    },
                    Err(refusal) => Err(Box::new(refusal)),
                };
                reply.map_err(|refusal| lost(call.metadata().route(), *refusal))
            }
            State::Refused(route, refusal) => Err(lost(route, refusal.clone())),
            // Polled again after its end, which futures need not bear; pending is the mildest answer.
            State::Done => return Poll::Pending,
        };
        self.state = State::Done;
        Poll::Ready(reply)
    }
}

impl<T: 'static, E: 'static> Future for SendFuture<Result<T, E>> {
    type Output = Result<T, RequestError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_reply(cx).map(|reply| match reply {
            Ok(result) => result.map_err(RequestError::Handler),
            Err(lost) => Err(lost.refusal.into_error(lost.route)),
        })
    }
}

/// Only for the compiler: to await a stream that was sent is one error, and not two.
#[doc(hidden)]
impl<T: 'static, E: 'static> Future for SendFuture<ItemStream<T, E>> {
    type Output = Result<ItemStream<T, E>, RequestError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_reply(cx).map(|reply| reply.map_err(|lost| lost.refusal.into_error(lost.route)))
    }
}

impl<R> Drop for SendFuture<R> {
    fn drop(&mut self) {
        if let State::Call { dispatch, call } = &self.state
            && dispatch.abandoned()
        {
            call.abandon();
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
        f.debug_struct("SendFuture").field("route", &route).finish_non_exhaustive()
    }
}
