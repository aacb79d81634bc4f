//! Responses that are streams: [`ResponseStream`], which a handler returns, and [`ItemStream`], which its caller reads.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use futures::stream::StreamExt;

use crate::error::RequestError;

/// The items of a stream, as the handler makes them.
type Items<T, E> = Pin<Box<dyn Stream<Item = Result<T, E>>>>;

/// The response of a stream handler: items, as they come. It is polled in the service's actor, and only while its
/// caller has room for what it makes; it is dropped when the caller goes. An `Err` is its last item, as in an
/// Observable.
///
/// ```
/// use nestling::prelude::*;
/// use nestling::ResponseStream;
/// use futures::{StreamExt, stream};
///
/// #[derive(Debug, Serialize, Deserialize, StreamPattern)]
/// #[stream_pattern("countdown", item = u32, error = NoCountdown)]
/// struct Countdown { from: u32 }
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
/// #[error("nothing to count")]
/// struct NoCountdown;
///
/// #[derive(Service)]
/// #[service("clock", streams(Countdown))]
/// struct Clock;
///
/// impl Handler<Countdown> for Clock {
///     type Result = ResponseStream<u32, NoCountdown>;
///     fn handle(&mut self, countdown: Countdown, _: &mut Context<Self>) -> Self::Result {
///         if countdown.from == 0 {
///             return ResponseStream::failed(NoCountdown);
///         }
///         ResponseStream::new(stream::iter((0..countdown.from).rev().map(Ok)))
///     }
/// }
///
/// # #[actix::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::builder("hall").service(Clock).start().await?;
/// let counted: Vec<_> = node.client().stream(Countdown { from: 3 }).collect().await;
/// assert_eq!(counted, [Ok(2), Ok(1), Ok(0)]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream is polled when the handler returns it"]
pub struct ResponseStream<T, E> {
    items: Items<T, E>,
}

impl<T: 'static, E: 'static> ResponseStream<T, E> {
    /// The items of `stream`.
    pub fn new(stream: impl Stream<Item = Result<T, E>> + 'static) -> Self {
        Self { items: Box::pin(stream) }
    }

    /// These items, and the end.
    pub fn of(items: impl IntoIterator<Item = T, IntoIter: 'static>) -> Self {
        Self::new(futures::stream::iter(items.into_iter().map(Ok)))
    }

    /// An error, and no items.
    pub fn failed(error: E) -> Self {
        Self::new(futures::stream::once(std::future::ready(Err(error))))
    }

    /// No item, and the end.
    pub fn empty() -> Self {
        Self::new(futures::stream::empty())
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        self.items.poll_next_unpin(cx)
    }
}

impl<T, E> fmt::Debug for ResponseStream<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream").finish_non_exhaustive()
    }
}

/// Where the items that a caller reads come from.
pub(crate) trait Source<T, E>: Send {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, RequestError<E>>>>;

    /// Waits for at most `timeout` for the first item.
    fn set_timeout(&mut self, timeout: Duration) {
        let _ = timeout;
    }
}

/// The items of a stream pattern, as its caller reads them. It ends after the first `Err`. Dropping it takes the
/// request back: the handler's stream is dropped.
///
/// A handler of a stream pattern may return one too, or a future of one: the stream of another service, passed on.
///
/// Made by [`Client::stream`](crate::Client::stream), where the request is sent at the first poll, and by
/// `Addr::send`.
#[must_use = "a stream is requested when it is polled"]
pub struct ItemStream<T, E> {
    /// None after the end.
    source: Option<Box<dyn Source<T, E>>>,
}

impl<T, E> ItemStream<T, E> {
    pub(crate) fn new(source: impl Source<T, E> + 'static) -> Self {
        Self { source: Some(Box::new(source)) }
    }

    /// Waits for at most `timeout` for the first item or the end, from the first poll on, instead of the node's
    /// default (30 s). Between items there is no limit. What `Addr::send` has brought runs already, and has none.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Some(source) = &mut self.source {
            source.set_timeout(timeout);
        }
        self
    }
}

impl<T, E> Stream for ItemStream<T, E> {
    type Item = Result<T, RequestError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(source) = &mut self.source else { return Poll::Ready(None) };
        let polled = source.poll_item(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.source = None;
        }
        polled
    }
}

impl<T, E> fmt::Debug for ItemStream<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream").field("ended", &self.source.is_none()).finish()
    }
}
