//! One request on its way: its message, its reply, and who waits for it, in one allocation.

use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;

use crate::error::{RemoteError, RequestError};
use crate::metadata::Metadata;
use crate::panics::discard;
use crate::pattern::MessagePattern;
use crate::scope::HasMetadata;

/// Why a request has no response, before its pattern and the type of the service's error are put in. It is `Faulty`
/// where the pattern's own types fail: they panic when they are read, or cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoHandler,
    Timeout { after: Duration },
    Panicked { service: String, message: String },
    Unanswered { service: String },
    Unavailable { reason: String },
    Overloaded { service: String, bound: usize },
    Invalid { message: String },
    Encode { message: String },
    Decode { message: String },
    Faulty { message: String, in_validate: bool },
    Remote { error: Value },
    Transport { message: String },
}

impl Refusal {
    pub(crate) fn into_error<E>(self, pattern: String) -> RequestError<E> {
        match self {
            Self::NoHandler => RequestError::NoHandler { pattern },
            Self::Timeout { after } => RequestError::Timeout { pattern, after },
            Self::Panicked { service, message } => RequestError::Panicked { pattern, service, message },
            Self::Unanswered { service } => RequestError::Unanswered { pattern, service },
            Self::Unavailable { reason } => RequestError::Unavailable { pattern, reason },
            Self::Overloaded { service, bound } => RequestError::Overloaded { pattern, service, bound },
            Self::Invalid { message } => RequestError::Invalid { pattern, message },
            Self::Faulty { message, in_validate: true } => RequestError::Invalid { pattern, message },
            Self::Encode { message } => RequestError::Encode { pattern, message },
            Self::Decode { message } | Self::Faulty { message, .. } => {
                RequestError::Decode { pattern, message }
            }
            Self::Remote { error } => RequestError::Remote(RemoteError::new(pattern, error)),
            Self::Transport { message } => RequestError::Transport { pattern, message },
        }
    }
}

/// What an inbox needs to know of a request.
pub(crate) trait AnyCall: HasMetadata + 'static {
    /// Settles the request without a response; the first to settle it wins.
    fn refuse(&self, refusal: Refusal);
    /// Its sender waits no longer than this.
    fn expire(&self, after: Duration) {
        self.refuse(Refusal::Timeout { after });
    }
    /// Whether there is a reply, or nobody waits for one.
    fn is_settled(&self) -> bool;
    /// Is woken when the request is settled from outside.
    fn set_runner(&self, runner: &Waker);
    fn as_any(&self) -> &dyn Any;
}

/// What the sender needs to know of a request: the type of its reply alone.
pub(crate) trait Pending<R>: AnyCall {
    /// Says before the request is sent, when nobody else has it yet, whom its reply wakes; false if that is to be said
    /// by [`poll_reply`](Self::poll_reply).
    fn expect_reply(&mut self, _: &Waker) -> bool {
        false
    }
    fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Result<R, Box<Refusal>>>;
    /// The sender does not wait any longer.
    fn abandon(&self);
}

/// One request.
pub(crate) struct Call<M: MessagePattern> {
    metadata: Metadata,
    state: Mutex<State<M>>,
}

struct State<M: MessagePattern> {
    /// Until its handler takes it.
    message: Option<M>,
    /// Until the sender takes it. What is rare is boxed, so that the others are moved as little as may be.
    reply: Option<Result<M::Result, Box<Refusal>>>,
    settled: bool,
    sender: Option<Waker>,
    runner: Option<Waker>,
}

impl<M: MessagePattern> Call<M> {
    #[inline]
    pub(crate) fn new(metadata: Metadata, message: M) -> Self {
        let state = State { message: Some(message), reply: None, settled: false, sender: None, runner: None };
        Self { metadata, state: Mutex::new(state) }
    }

    pub(crate) fn take_message(&self) -> Option<M> {
        self.lock().message.take()
    }

    /// Answers the request, if it still waits.
    pub(crate) fn answer(&self, response: M::Result) {
        self.settle(Ok(response));
    }

    fn settle(&self, reply: Result<M::Result, Box<Refusal>>) {
        let mut state = self.lock();
        if state.settled {
            drop(state);
            return; // and drop the reply outside of the lock
        }
        state.settled = true;
        state.reply = Some(reply);
        let (message, sender, runner) = (state.message.take(), state.sender.take(), state.runner.take());
        drop(state);
        // Its handler has it, but where it was refused before.
        if message.is_some() {
            discard(message);
        }
        if let Some(sender) = sender {
            sender.wake();
        }
        if let Some(runner) = runner {
            runner.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock()
    }
}

impl<M: MessagePattern> HasMetadata for Call<M> {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

impl<M: MessagePattern> AnyCall for Call<M>
where
    M::Result: Send,
{
    fn refuse(&self, refusal: Refusal) {
        self.settle(Err(Box::new(refusal)));
    }

    fn is_settled(&self) -> bool {
        self.lock().settled
    }

    fn set_runner(&self, runner: &Waker) {
        let mut state = self.lock();
        if state.settled {
            drop(state);
            runner.wake_by_ref();
        } else if !state.runner.as_ref().is_some_and(|known| known.will_wake(runner)) {
            state.runner = Some(runner.clone());
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<M: MessagePattern> Pending<M::Result> for Call<M>
where
    M::Result: Send,
{
    #[inline]
    fn expect_reply(&mut self, sender: &Waker) -> bool {
        self.state.get_mut().sender = Some(sender.clone());
        true
    }

    fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Result<M::Result, Box<Refusal>>> {
        let mut state = self.lock();
        if let Some(reply) = state.reply.take() {
            return Poll::Ready(reply);
        }
        if !state.sender.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            state.sender = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn abandon(&self) {
        let mut state = self.lock();
        if state.settled {
            // Others may hold the call for a while yet.
            let reply = state.reply.take();
            drop(state);
            return discard(reply);
        }
        state.settled = true;
        let (message, runner) = (state.message.take(), state.runner.take());
        drop(state);
        discard(message);
        if let Some(runner) = runner {
            runner.wake();
        }
    }
}

/// The call behind an erased one, for the handler that knows its type.
pub(super) fn typed<M: MessagePattern>(call: &Arc<dyn AnyCall>) -> Option<&Call<M>> {
    call.as_any().downcast_ref()
}
