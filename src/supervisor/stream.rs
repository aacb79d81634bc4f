//! Stream patterns: their calls, and how the inbox calls and drives their handlers.

use std::any::{Any, type_name};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use actix::dev::{MessageResponse, OneshotSender};
use actix::fut::ActorFuture;
use actix::{Actor, AsyncContext, Context, Handler, Message};

use super::call::{AnyCall, Refusal};
use super::handler::{RequestOutcome, RequestWork};
use super::items::ItemQueue;
use super::response::{Dropped, Response};
use crate::error::RequestError;
use crate::event::{Delivery, Envelope};
use crate::metadata::Metadata;
use crate::pattern::StreamPattern;
use crate::scope::HasMetadata;
use crate::stream::{ItemStream, ResponseStream, Source};

/// How many items are made in one go before the actor's other work has its turn.
const TURN: usize = 64;

/// What the caller needs to know of a stream: the type of its items alone.
pub(crate) trait PendingItems<T, E>: AnyCall {
    fn poll_item(&self, cx: &mut TaskContext<'_>) -> Poll<Option<Result<Result<T, E>, Refusal>>>;
    /// The caller reads no further.
    fn leave(&self);
}

/// One request for a stream.
pub(crate) struct StreamCall<S: StreamPattern> {
    metadata: Metadata,
    /// Until its handler takes it.
    message: Mutex<Option<S>>,
    pub(crate) items: ItemQueue<S::Item, S::Error>,
}

impl<S: StreamPattern> StreamCall<S> {
    pub(crate) fn new(metadata: Metadata, message: S) -> Self {
        Self { metadata, message: Mutex::new(Some(message)), items: ItemQueue::default() }
    }

    pub(crate) fn take_message(&self) -> Option<S> {
        if self.items.is_settled() {
            return None;
        }
        self.message.lock().unwrap_or_else(PoisonError::into_inner).take()
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
    }

    fn expire(&self, after: Duration) {
        // The timeout is for the first item: a stream may go on for ever.
        if !self.items.has_begun() {
            self.refuse(Refusal::Timeout { after });
        }
    }

    fn is_settled(&self) -> bool {
        self.items.is_settled()
    }

    fn set_runner(&self, runner: &Waker) {
        self.items.set_writer(runner);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<S: StreamPattern> PendingItems<S::Item, S::Error> for StreamCall<S> {
    fn poll_item(
        &self,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Result<S::Item, S::Error>, Refusal>>> {
        self.items.poll_item(cx)
    }

    fn leave(&self) {
        self.items.leave();
    }
}

fn typed<S: StreamPattern>(call: &Arc<dyn AnyCall>) -> Option<&StreamCall<S>> {
    call.as_any().downcast_ref()
}

/// Calls `Handler<S>`.
pub(crate) fn stream<A, S>(actor: &mut A, call: &Arc<dyn AnyCall>, ctx: &mut Context<A>) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>> + Handler<S>,
    <A as Handler<S>>::Result: 'static,
    S: StreamPattern,
{
    let Some(message) = typed::<S>(call).and_then(StreamCall::take_message) else {
        return RequestOutcome::Gone;
    };
    let response = Handler::<S>::handle(actor, message, ctx);
    work::<A, S, S, _>(call, response, ctx)
}

/// Calls `Handler<Delivery<S>>`.
pub(crate) fn stream_delivery<A, S>(
    actor: &mut A,
    call: &Arc<dyn AnyCall>,
    ctx: &mut Context<A>,
) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>> + Handler<Delivery<S>>,
    <A as Handler<Delivery<S>>>::Result: 'static,
    S: StreamPattern,
{
    let Some(message) = typed::<S>(call).and_then(StreamCall::take_message) else {
        return RequestOutcome::Gone;
    };
    let delivery = Delivery::new(Arc::new(Envelope::new(call.metadata().clone(), message)), 1);
    let response = Handler::<Delivery<S>>::handle(actor, delivery, ctx);
    work::<A, S, Delivery<S>, _>(call, response, ctx)
}

fn work<A, S, M, R>(call: &Arc<dyn AnyCall>, response: R, ctx: &mut Context<A>) -> RequestOutcome<A>
where
    A: Actor<Context = Context<A>>,
    S: StreamPattern,
    M: Message<Result = ItemStream<S::Item, S::Error>> + 'static,
    R: MessageResponse<A, M> + 'static,
{
    let mut slot = Some(response);
    let any: &mut dyn Any = &mut slot;
    let made = any.downcast_mut::<Option<ResponseStream<S::Item, S::Error>>>().and_then(Option::take);
    let stage = match (made, slot) {
        (Some(stream), _) => Stage::Made(stream),
        (None, Some(response)) => Stage::Coming(Response::recognise::<M, _>(response, ctx)),
        (None, None) => return RequestOutcome::Gone,
    };
    RequestOutcome::Working(Box::new(Streaming::<A, S> { call: Arc::clone(call), stage }))
}

/// Where the items of a running stream come from.
enum Stage<A: Actor<Context = Context<A>>, S: StreamPattern> {
    Made(ResponseStream<S::Item, S::Error>),
    /// The handler answers with its stream later.
    Coming(Response<A, ItemStream<S::Item, S::Error>>),
    /// The stream of another service, passed on.
    PassedOn(ItemStream<S::Item, S::Error>),
}

/// A stream that the inbox drives.
struct Streaming<A: Actor<Context = Context<A>>, S: StreamPattern> {
    call: Arc<dyn AnyCall>,
    stage: Stage<A, S>,
}

impl<A, S> RequestWork<A> for Streaming<A, S>
where
    A: Actor<Context = Context<A>>,
    S: StreamPattern,
{
    fn poll(&mut self, actor: &mut A, ctx: &mut Context<A>, cx: &mut TaskContext<'_>) -> Poll<bool> {
        let Some(StreamCall { items, .. }) = typed::<S>(&self.call) else { return Poll::Ready(false) };
        for _ in 0..TURN {
            if let Stage::Coming(response) = &mut self.stage {
                match std::task::ready!(response.poll(actor, ctx, cx)) {
                    Ok(stream) => self.stage = Stage::PassedOn(stream),
                    Err(Dropped) => return Poll::Ready(false),
                }
            }
            match items.poll_room(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(false) => return Poll::Ready(true),
                Poll::Ready(true) => {}
            }
            let next = match &mut self.stage {
                Stage::Made(stream) => stream.poll_next(cx),
                Stage::PassedOn(stream) => match futures::Stream::poll_next(Pin::new(stream), cx) {
                    Poll::Ready(Some(Err(error))) => match Refusal::try_from(error) {
                        Ok(refusal) => {
                            items.finish(Err(refusal));
                            return Poll::Ready(true);
                        }
                        Err(error) => Poll::Ready(Some(Err(error))),
                    },
                    Poll::Ready(Some(Ok(item))) => Poll::Ready(Some(Ok(item))),
                    Poll::Ready(None) => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                },
                // It has just become one of the others.
                Stage::Coming(_) => Poll::Pending,
            };
            match std::task::ready!(next) {
                Some(item) => items.push(item),
                None => {
                    items.finish(Ok(()));
                    return Poll::Ready(true);
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_exclusive(&self) -> bool {
        matches!(&self.stage, Stage::Coming(response) if response.is_exclusive())
    }
}

/// The service's own error of a stream is an item; whatever else ends it is a refusal.
impl<E> TryFrom<RequestError<E>> for Refusal {
    type Error = E;

    fn try_from(error: RequestError<E>) -> Result<Self, E> {
        Ok(match error {
            RequestError::Handler(error) => return Err(error),
            RequestError::NoHandler { .. } => Self::NoHandler,
            RequestError::Timeout { after, .. } => Self::Timeout { after },
            RequestError::Panicked { service, message, .. } => Self::Panicked { service, message },
            RequestError::Unanswered { service, .. } => Self::Unanswered { service },
            RequestError::Unavailable { reason, .. } => Self::Unavailable { reason },
            RequestError::Overloaded { service, bound, .. } => Self::Overloaded { service, bound },
            RequestError::Invalid { message, .. } => Self::Invalid { message },
            RequestError::Decode { message, .. } => Self::Decode { message },
            RequestError::Remote(remote) => Self::Remote { error: remote.error },
            RequestError::Transport { message, .. } => Self::Transport { message },
        })
    }
}

// ---- `Addr::send`

impl<A, M, T, E> MessageResponse<A, M> for ResponseStream<T, E>
where
    A: Actor<Context = Context<A>>,
    M: Message<Result = ItemStream<T, E>>,
    T: Send + 'static,
    E: Send + 'static,
{
    fn handle(self, ctx: &mut Context<A>, sender: Option<OneshotSender<ItemStream<T, E>>>) {
        let items = Arc::new(ItemQueue::default());
        let pattern = type_name::<M>();
        let read = ItemStream::new(Read { items: Arc::clone(&items), pattern });
        if sender.is_some_and(|sender| sender.send(read).is_ok()) {
            ctx.spawn(Forward { stream: self, items, service: type_name::<A>() });
        }
    }
}

/// The caller's end, of `Addr::send`.
struct Read<T, E> {
    items: Arc<ItemQueue<T, E>>,
    pattern: &'static str,
}

impl<T: Send, E: Send> Source<T, E> for Read<T, E> {
    fn poll_item(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Result<T, RequestError<E>>>> {
        self.items.poll_item(cx).map(|item| item.map(|item| flatten(item, || self.pattern.to_owned())))
    }
}

impl<T, E> Drop for Read<T, E> {
    fn drop(&mut self) {
        self.items.leave();
    }
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

/// The actor's end, of `Addr::send`: a future in the actor's context.
struct Forward<T, E> {
    stream: ResponseStream<T, E>,
    items: Arc<ItemQueue<T, E>>,
    service: &'static str,
}

impl<A: Actor<Context = Context<A>>, T, E> ActorFuture<A> for Forward<T, E>
where
    T: 'static,
    E: 'static,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut A, _: &mut Context<A>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = &mut *self;
        for _ in 0..TURN {
            if !std::task::ready!(this.items.poll_room(cx)) {
                return Poll::Ready(());
            }
            match std::task::ready!(this.stream.poll_next(cx)) {
                Some(item) => this.items.push(item),
                None => {
                    this.items.finish(Ok(()));
                    return Poll::Ready(());
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T, E> Drop for Forward<T, E> {
    fn drop(&mut self) {
        // Unless it has ended: a restart has cut it off.
        self.items.finish(Err(Refusal::Unanswered { service: self.service.to_owned() }));
    }
}
