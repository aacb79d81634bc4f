//! The items of a stream between the actor that makes them and the caller that reads them: a bounded queue.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use parking_lot::{Mutex, MutexGuard};

use super::call::Refusal;
use crate::panics::discard;

/// How many items wait for their reader before the handler's stream is polled no more.
pub(super) const ROOM: usize = 16;

/// No code of the user's runs under its lock: items and wakers are dropped, and sides are woken, after it.
pub(crate) struct ItemQueue<T, E> {
    state: Mutex<State<T, E>>,
}

struct State<T, E> {
    items: VecDeque<Result<T, E>>,
    /// The stream has ended, well or not; its last items may still be here.
    end: Option<Result<(), Refusal>>,
    /// Something has come.
    begun: bool,
    /// The reader has gone.
    gone: bool,
    /// Waits for an item.
    reader: Option<Waker>,
    /// Waits for room.
    writer: Option<Waker>,
    /// Drives the stream, and is told when nobody wants any more of it.
    runner: Option<Waker>,
}

impl<T, E> State<T, E> {
    fn is_settled(&self) -> bool {
        self.gone || self.end.is_some()
    }
}

impl<T, E> Default for ItemQueue<T, E> {
    fn default() -> Self {
        let state = State {
            items: VecDeque::new(),
            end: None,
            begun: false,
            gone: false,
            reader: None,
            writer: None,
            runner: None,
        };
        Self { state: Mutex::new(state) }
    }
}

impl<T, E> ItemQueue<T, E> {
    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock()
    }

    /// Ready when there is room for an item: false when nobody wants one any more.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.lock();
        if state.is_settled() {
            return Poll::Ready(false);
        }
        if state.items.len() < ROOM {
            return Poll::Ready(true);
        }
        let old = replace(&mut state.writer, cx.waker());
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Adds an item; after an error there is no other.
    pub(crate) fn push(&self, item: Result<T, E>) {
        let mut state = self.lock();
        if state.is_settled() {
            drop(state);
            return discard(item);
        }
        if item.is_err() {
            state.end = Some(Ok(()));
        }
        state.begun = true;
        state.items.push_back(item);
        let reader = state.reader.take();
        drop(state);
        wake([reader]);
    }

    /// Ends the stream; the first end counts.
    pub(crate) fn finish(&self, end: Result<(), Refusal>) {
        self.finish_if(end, |_| true);
    }

    /// Ends the stream unless something has come.
    pub(crate) fn finish_unless_begun(&self, refusal: Refusal) {
        self.finish_if(Err(refusal), |state| !state.begun);
    }

    fn finish_if(&self, end: Result<(), Refusal>, condition: impl FnOnce(&State<T, E>) -> bool) {
        let mut state = self.lock();
        if state.is_settled() || !condition(&state) {
            return;
        }
        state.end = Some(end);
        let sides = [state.reader.take(), state.writer.take(), state.runner.take()];
        drop(state);
        wake(sides);
    }

    pub(crate) fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Result<T, E>, Refusal>>> {
        let mut state = self.lock();
        if let Some(item) = state.items.pop_front() {
            let writer = state.writer.take();
            drop(state);
            wake([writer]);
            return Poll::Ready(Some(Ok(item)));
        }
        match &state.end {
            Some(Ok(())) => Poll::Ready(None),
            Some(Err(refusal)) => Poll::Ready(Some(Err(refusal.clone()))),
            None => {
                let old = replace(&mut state.reader, cx.waker());
                drop(state);
                drop(old);
                Poll::Pending
            }
        }
    }

    /// Whether the last item has been read and the stream ended well.
    pub(crate) fn is_at_end(&self) -> bool {
        let state = self.lock();
        state.items.is_empty() && state.end == Some(Ok(()))
    }

    /// The reader has gone.
    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        state.gone = true;
        let items = std::mem::take(&mut state.items);
        let reader = state.reader.take();
        let sides = [state.writer.take(), state.runner.take()];
        drop(state);
        drop(reader);
        wake(sides);
        items.into_iter().for_each(discard);
    }

    /// How many items wait for their reader.
    pub(crate) fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Whether something has come.
    pub(crate) fn has_begun(&self) -> bool {
        self.lock().begun
    }

    /// Whether nothing more can come.
    pub(crate) fn is_settled(&self) -> bool {
        self.lock().is_settled()
    }

    /// Wakes `runner` when the stream is ended from outside, or its reader goes.
    pub(crate) fn set_runner(&self, runner: &Waker) {
        let mut state = self.lock();
        if state.is_settled() {
            drop(state);
            return runner.wake_by_ref();
        }
        let old = replace(&mut state.runner, runner);
        drop(state);
        drop(old);
    }
}

/// Keeps a waker, and gives back the one that it replaces.
fn replace(known: &mut Option<Waker>, waker: &Waker) -> Option<Waker> {
    if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
        return None;
    }
    known.replace(waker.clone())
}

fn wake<const N: usize>(sides: [Option<Waker>; N]) {
    sides.into_iter().flatten().for_each(Waker::wake);
}
