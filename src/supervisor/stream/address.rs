//! Streams that `Addr::send` has asked for: actix brings the request, and the actor's context drives the stream.

use std::any::type_name;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};

use actix::dev::{MessageResponse, OneshotSender};
use actix::fut::ActorFuture;
use actix::{Actor, AsyncContext, Context, Message};

use super::call::flatten;
use super::work::TURN;
use crate::error::RequestError;
use crate::panics::{discard, guard};
use crate::stream::{ItemStream, ResponseStream, Source};
use crate::supervisor::call::Refusal;
use crate::supervisor::items::ItemQueue;

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
            ctx.spawn(Forward { stream: Some(self), items, service: type_name::<A>(), pattern });
        }
    }
}

/// The stream of another service, passed on.
impl<A, M, T, E> MessageResponse<A, M> for ItemStream<T, E>
where
    A: Actor,
    M: Message<Result = Self>,
    T: 'static,
    E: 'static,
{
    fn handle(self, _: &mut A::Context, sender: Option<OneshotSender<Self>>) {
        if let Some(sender) = sender {
            // Whoever asked may have gone.
            let _ = sender.send(self);
        }
    }
}

/// The caller's end.
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

/// The actor's end: a future in the actor's context.
struct Forward<T, E> {
    /// None after its end.
    stream: Option<ResponseStream<T, E>>,
    items: Arc<ItemQueue<T, E>>,
    service: &'static str,
    pattern: &'static str,
}

impl<T: 'static, E: 'static> Forward<T, E> {
    /// Moves items to their reader. Ready when there is nothing left to do.
    fn forward(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(()) };
        for _ in 0..TURN {
            if !ready!(self.items.poll_room(cx)) {
                return Poll::Ready(());
            }
            match ready!(stream.poll_next(cx)) {
                Some(item) => self.items.push(item),
                None => {
                    self.items.finish(Ok(()));
                    return Poll::Ready(());
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<A: Actor<Context = Context<A>>, T: 'static, E: 'static> ActorFuture<A> for Forward<T, E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut A, _: &mut Context<A>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = &mut *self;
        match guard(|| this.forward(cx)) {
            Ok(Poll::Pending) => {
                this.items.set_runner(cx.waker());
                return Poll::Pending;
            }
            Ok(Poll::Ready(())) => {}
            Err(panic) => {
                tracing::error!(
                    service = this.service,
                    pattern = this.pattern,
                    error = panic.message,
                    location = panic.location,
                    "a stream that was asked for by address panicked",
                );
                // The actor has no part in it, and a restart would cut off what else its context drives.
                let (service, message) = (this.service.to_owned(), panic.message);
                this.items.finish(Err(Refusal::Panicked { service, message }));
            }
        }
        discard(this.stream.take());
        Poll::Ready(())
    }
}

impl<T, E> Drop for Forward<T, E> {
    fn drop(&mut self) {
        // Unless it has ended: a restart, or the end of the actor, has cut it off.
        discard(self.stream.take());
        self.items.finish(Err(Refusal::Unanswered { service: self.service.to_owned() }));
    }
}
