//! A subscription, and for whom it is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_nats::{Message, Subscriber};
use futures::{Stream, StreamExt};

/// A subscription whose messages come with whom they are for.
pub(super) struct Tagged<T> {
    pub(super) to: Arc<T>,
    subscriber: Subscriber,
}

impl<T> Tagged<T> {
    pub(super) fn new(to: Arc<T>, subscriber: Subscriber) -> Self {
        Self { to, subscriber }
    }

    /// Ends the subscription. What has come meanwhile is still there, and after it the end.
    pub(super) async fn drain(&mut self) {
        // A client that has ended has ended its subscriptions too.
        let _ = self.subscriber.drain().await;
    }
}

impl<T> Stream for Tagged<T> {
    type Item = (Arc<T>, Message);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.subscriber.poll_next_unpin(cx);
        polled.map(|message| message.map(|message| (Arc::clone(&self.to), message)))
    }
}
