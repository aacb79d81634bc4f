//! One request for a stream on its way: its message, and the items that have come.

use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;

use crate::error::RequestError;
use crate::metadata::Metadata;
use crate::panics::discard;
use crate::pattern::StreamPattern;
use crate::scope::HasMetadata;
use crate::supervisor::call::{AnyCall, Refusal};
use crate::supervisor::items::ItemQueue;

/// What the caller needs to know of a stream: the type of its items alone.
pub(crate) trait PendingItems<T, E>: AnyCall {
    fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Result<T, E>, Refusal>>>;
    /// The caller reads no further.
    fn leave(&self);
}

/// One request for a stream.
pub(crate) struct StreamCall<S: StreamPattern> {
    metadata: Metadata,
    /// Until its handler takes it, or nobody wants the stream any more.
    message: Mutex<Option<S>>,
    pub(crate) items: ItemQueue<S::Item, S::Error>,
}

impl<S: StreamPattern> StreamCall<S> {
    pub(crate) fn new(metadata: Metadata, message: S) -> Self {
        Self { metadata, message: Mutex::new(Some(message)), items: ItemQueue::default() }
    }

    pub(crate) fn take_message(&self) -> Option<S> {
        self.message.lock().take()
    }

    /// A message that no handler will take goes at once: the call itself may end under the inbox's lock.
    fn forget_message(&self) {
        discard(self.take_message());
    }
}

impl<S: StreamPattern> HasMetadata for StreamCall<S> {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

impl<S: StreamPattern> AnyCall for StreamCall<S> {
    fn refuse(&self, refusal: Refusal) {
        self.items.finish(Err(refusal));
        self.forget_message();
    }

    fn expire(&self, after: Duration) {
        // The timeout is for the first item: a stream may go on for ever.
        self.items.finish_unless_begun(Refusal::Timeout { after });
        if self.items.is_settled() {
            self.forget_message();
        }
    }

    fn is_settled(&self) -> bool {
        self.items.is_settled()
    }

    fn set_runner(&self, runner: &Waker) {
        self.items.set_runner(runner);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<S: StreamPattern> PendingItems<S::Item, S::Error> for StreamCall<S> {
    fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Result<S::Item, S::Error>, Refusal>>> {
        self.items.poll_item(cx)
    }

    fn leave(&self) {
        self.items.leave();
        self.forget_message();
    }
}

pub(super) fn typed<S: StreamPattern>(call: &Arc<dyn AnyCall>) -> Option<&StreamCall<S>> {
    call.as_any().downcast_ref()
}

/// One result of an item and of what may have become of its stream.
pub(crate) fn flatten<T, E>(
    item: Result<Result<T, E>, Refusal>,
    pattern: impl FnOnce() -> String,
) -> Result<T, RequestError<E>> {
    match item {
        Ok(item) => item.map_err(RequestError::Handler),
        Err(refusal) => Err(refusal.into_error(pattern())),
    }
}
