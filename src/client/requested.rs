//! The items of a stream that a client has asked for.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::dispatch::Dispatch;
use crate::error::RequestError;
use crate::pattern::Route;
use crate::stream::{ItemStream, Source};
use crate::supervisor::{PendingItems, Refusal, flatten};

/// A stream on its way: it is asked for at the first poll, and dropping it takes that back.
struct Requested<T: 'static, E: 'static> {
    route: Route,
    dispatch: Dispatch,
    items: Arc<dyn PendingItems<T, E>>,
}

pub(super) fn requested<T: 'static, E: 'static>(
    route: Route,
    dispatch: Dispatch,
    items: Arc<dyn PendingItems<T, E>>,
) -> ItemStream<T, E> {
    ItemStream::new(Requested { route, dispatch, items })
}

impl<T: 'static, E: 'static> Source<T, E> for Requested<T, E> {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, RequestError<E>>>> {
        let Self { route, dispatch, items } = self;
        let directly = dispatch.may_run_directly();
        if let Err(refusal) = dispatch.send(directly, || Arc::clone(items) as _) {
            return Poll::Ready(Some(Err(refusal.into_error(route.to_string()))));
        }
        items.poll_item(cx).map(|item| item.map(|item| flatten(item, || route.to_string())))
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.dispatch.set_timeout(timeout);
    }
}

impl<T: 'static, E: 'static> Drop for Requested<T, E> {
    fn drop(&mut self) {
        self.items.leave();
        let _ = self.dispatch.abandoned();
    }
}

/// A stream that cannot be asked for at all.
struct Refused(Route, Option<Refusal>);

pub(super) fn refused<T: 'static, E: 'static>(route: Route, refusal: Refusal) -> ItemStream<T, E> {
    ItemStream::new(Refused(route, Some(refusal)))
}

impl<T, E> Source<T, E> for Refused {
    fn poll_item(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<T, RequestError<E>>>> {
        Poll::Ready(self.1.take().map(|refusal| Err(refusal.into_error(self.0.to_string()))))
    }
}
