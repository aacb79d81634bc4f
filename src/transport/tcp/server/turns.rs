//! Whose events are next when the node's registry is behind, or its dead letters are.
//!
//! Peers can send events faster than the registry broadcasts them, and faster than the store takes those that nobody
//! has room for. Then their connections wait in a queue, each reads
//! on when its turn has come, and only the first of the queue asks again and again how the registry is getting on.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

use crate::client::Core;

/// How many events may wait for the registry before peers have to.
const BACKLOG: u64 = 1_024;

/// How long to wait for dead letters: another thread writes them, which asking again at once does not hasten.
const NAP: Duration = Duration::from_millis(1);

/// The queue of all connections of a server; it is fair.
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

type Waiting = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

/// One connection's place in the queue.
#[derive(Default)]
pub(super) struct Turn {
    waiting: Option<Waiting>,
    first: Option<OwnedSemaphorePermit>,
    nap: Option<Pin<Box<Sleep>>>,
}

impl Turn {
    /// Ready when an event may be handed to the registry.
    pub(super) fn poll(&mut self, turns: &Turns, core: &Arc<Core>, cx: &mut Context<'_>) -> Poll<()> {
        // A node that takes no more events refuses them without its registry.
        let letters_behind = core.sink.is_behind();
        let has_room = (core.counters.backlog() <= BACKLOG && !letters_behind) || !core.admits();
        if self.first.is_none() {
            if has_room && self.waiting.is_none() && turns.0.available_permits() > 0 {
                return Poll::Ready(());
            }
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(Arc::clone(&turns.0).acquire_owned()));
            // It is never closed, so there is always a permit.
            self.first = ready!(waiting.as_mut().poll(cx)).ok();
            self.waiting = None;
        }
        if has_room {
            return Poll::Ready(());
        }
        if letters_behind {
            ready!(self.nap.get_or_insert_with(|| Box::pin(sleep(NAP))).as_mut().poll(cx));
            self.nap = None;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Lets the next one go first.
    pub(super) fn end(&mut self) {
        self.first = None;
    }
}
