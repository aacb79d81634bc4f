//! What a handler returned, in the form in which the inbox drives it.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use actix::dev::MessageResponse;
use actix::fut::ActorFuture;
use actix::{
    Actor, AsyncContext, AtomicResponse, Context, Message, MessageResult, ResponseActFuture, ResponseFuture,
};
use tokio::sync::oneshot;

use crate::scope;

/// A handler's response. The kinds that matter are recognised by their type and driven here, so that a panic or
/// a timeout is blamed on exactly one item; the others go through actix and a oneshot.
pub(crate) enum Response<A: Actor<Context = Context<A>>, R> {
    Ready(R),
    Future(ResponseFuture<R>),
    Actor(ResponseActFuture<A, R>),
    Foreign(Foreign<R>),
}

/// A response that actix drives in the actor's context.
pub(crate) struct Foreign<R> {
    reply: oneshot::Receiver<R>,
    pause: Option<Pause>,
}

/// How a response pauses its actor: while it runs, nothing else of the actor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    /// It is an `AtomicResponse`, and a [`Leave`] comes right behind it.
    Atomic,
    /// It is of a kind that is not known here: what comes right behind it cannot be told from it.
    Other,
}

/// What was put in hand for the response before it is to be put aside.
struct Leave;

impl<A: Actor<Context = Context<A>>> ActorFuture<A> for Leave {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut A, _: &mut Context<A>, _: &mut TaskContext<'_>) -> Poll<()> {
        scope::current().leave();
        Poll::Ready(())
    }
}

/// The response was dropped before it was there.
pub(super) struct Dropped;

impl<A, R> Response<A, R>
where
    A: Actor<Context = Context<A>>,
    R: 'static,
{
    /// Recognises a response. The comparisons are between types, and the compiler decides them.
    #[inline]
    pub(super) fn recognise<M, T>(response: T, ctx: &mut Context<A>) -> Self
    where
        M: Message<Result = R>,
        T: MessageResponse<A, M> + 'static,
        M: 'static,
    {
        let mut slot = Some(response);
        let any: &mut dyn Any = &mut slot;
        if let Some(ready) = any.downcast_mut::<Option<R>>().and_then(Option::take) {
            return Self::Ready(ready);
        }
        if let Some(future) = any.downcast_mut::<Option<ResponseFuture<R>>>().and_then(Option::take) {
            return Self::Future(future);
        }
        if let Some(future) = any.downcast_mut::<Option<ResponseActFuture<A, R>>>().and_then(Option::take) {
            return Self::Actor(future);
        }
        if let Some(MessageResult(ready)) =
            any.downcast_mut::<Option<MessageResult<M>>>().and_then(Option::take)
        {
            return Self::Ready(ready);
        }
        let is_atomic = any.is::<Option<AtomicResponse<A, R>>>();
        let (sender, mut reply) = oneshot::channel();
        let was_waiting = ctx.waiting();
        if is_atomic {
            // actix polls last what was there first.
            ctx.wait(Leave);
        }
        if let Some(response) = slot {
            response.handle(ctx, Some(sender));
        }
        match reply.try_recv() {
            Ok(ready) => Self::Ready(ready),
            Err(_) => {
                let pause = match is_atomic {
                    true => Some(Pause::Atomic),
                    false => (!was_waiting && ctx.waiting()).then_some(Pause::Other),
                };
                Self::Foreign(Foreign { reply, pause })
            }
        }
    }

    pub(super) fn poll(
        &mut self,
        actor: &mut A,
        ctx: &mut Context<A>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<R, Dropped>> {
        match self {
            Self::Ready(_) => match std::mem::replace(self, Self::Future(Box::pin(std::future::pending()))) {
                Self::Ready(ready) => Poll::Ready(Ok(ready)),
                // The match on `self` has just said that it is `Ready`.
                _ => Poll::Pending,
            },
            Self::Future(future) => future.as_mut().poll(cx).map(Ok),
            Self::Actor(future) => future.as_mut().poll(actor, ctx, cx).map(Ok),
            Self::Foreign(foreign) => Pin::new(&mut foreign.reply).poll(cx).map_err(|_| Dropped),
        }
    }

    pub(super) fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign(_))
    }

    pub(super) fn pause(&self) -> Option<Pause> {
        match self {
            Self::Foreign(foreign) => foreign.pause,
            _ => None,
        }
    }
}
