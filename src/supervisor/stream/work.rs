//! A stream that the inbox drives.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};

use actix::dev::MessageResponse;
use actix::{Actor, Context, Message};
use futures::Stream;

use super::call::{StreamCall, typed};
use crate::error::RequestError;
use crate::pattern::StreamPattern;
use crate::stream::{ItemStream, ResponseStream};
use crate::supervisor::call::{AnyCall, Refusal};
use crate::supervisor::handler::{RequestOutcome, RequestWork};
use crate::supervisor::items::ROOM;
use crate::supervisor::response::{Dropped, Pause, Response};

/// How many items are made in one go before the actor's other work has its turn.
pub(super) const TURN: usize = ROOM;

/// What a handler has returned, as work for the inbox.
pub(super) fn work<A, S, M, R>(
    call: &Arc<dyn AnyCall>,
    response: R,
    ctx: &mut Context<A>,
) -> RequestOutcome<A>
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
        if let Stage::Coming(response) = &mut self.stage {
            match ready!(response.poll(actor, ctx, cx)) {
                Ok(stream) => self.stage = Stage::PassedOn(stream),
                Err(Dropped) => return Poll::Ready(false),
            }
        }
        for _ in 0..TURN {
            if !ready!(items.poll_room(cx)) {
                return Poll::Ready(false);
            }
            let next = match &mut self.stage {
                Stage::Made(stream) => {
                    stream.poll_next(cx).map(|item| item.map(|item| item.map_err(RequestError::Handler)))
                }
                Stage::PassedOn(stream) => Pin::new(stream).poll_next(cx),
                // It has just become one of the others.
                Stage::Coming(_) => Poll::Pending,
            };
            let end = match ready!(next) {
                Some(Ok(item)) => {
                    items.push(Ok(item));
                    continue;
                }
                Some(Err(error)) => Refusal::try_from(error).map(Err),
                None => Ok(Ok(())),
            };
            match end {
                Ok(end) => items.finish(end),
                Err(error) => items.push(Err(error)),
            }
            return Poll::Ready(true);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn pause(&self) -> Option<Pause> {
        match &self.stage {
            Stage::Coming(response) => response.pause(),
            Stage::Made(_) | Stage::PassedOn(_) => None,
        }
    }

    fn is_foreign(&self) -> bool {
        matches!(&self.stage, Stage::Coming(response) if response.is_foreign())
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
            RequestError::Encode { message, .. } => Self::Encode { message },
            RequestError::Decode { message, .. } => Self::Decode { message },
            RequestError::Remote(remote) => Self::Remote { error: remote.error },
            RequestError::Transport { message, .. } => Self::Transport { message },
        })
    }
}
