//! The items of a stream between the actor that makes them and the caller that reads them: a bounded queue.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::call::Refusal;
use crate::panics::discard;

/// How many items wait for their reader before the handler's stream is polled no more.
const ROOM: usize = 16;

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
    reader: Option<Waker>,
    writer: Option<Waker>,
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
        };
        Self { state: Mutex::new(state) }
    }
}

impl<T, E> ItemQueue<T, E> {
    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when there is room for an item: false when nobody wants one any more.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.lock();
        if state.gone || state.end.is_some() {
            return Poll::Ready(false);
        }
        if state.items.len() < ROOM {
            return Poll::Ready(true);
        }
        keep(&mut state.writer, cx.waker());
        Poll::Pending
    }

    /// Adds an item; after an error there is no other.
    pub(crate) fn push(&self, item: Result<T, E>) {
        let mut state = self.lock();
        if state.gone || state.end.is_some() {
            drop(state);
            return discard(item);
        }
        if item.is_err() {
            state.end = Some(Ok(()));
        }
        state.begun = true;
        state.items.push_back(item);
        wake(state, |state| &mut state.reader);
    }

    /// Ends the stream; the first end counts.
    pub(crate) fn finish(&self, end: Result<(), Refusal>) {
        let mut state = self.lock();
        if state.gone || state.end.is_some() {
            return;
        }
        state.end = Some(end);
        let writer = state.writer.take();
        wake(state, |state| &mut state.reader);
        if let Some(writer) = writer {
            writer.wake();
        }
    }

    pub(crate) fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Result<T, E>, Refusal>>> {
        let mut state = self.lock();
        if let Some(item) = state.items.pop_front() {
            wake(state, |state| &mut state.writer);
            return Poll::Ready(Some(Ok(item)));
        }
        match &state.end {
            Some(Ok(())) => Poll::Ready(None),
            Some(Err(refusal)) => Poll::Ready(Some(Err(refusal.clone()))),
            None => {
                keep(&mut state.reader, cx.waker());
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
        wake(state, |state| &mut state.writer);
        discard(items);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.lock().begun
    }

    /// Whether nothing more can come.
    pub(crate) fn is_settled(&self) -> bool {
        let state = self.lock();
        state.gone || state.end.is_some()
    }

    /// Wakes `writer` when there is room again, or no need for any.
    pub(crate) fn set_writer(&self, writer: &Waker) {
        let mut state = self.lock();
        if state.gone || state.end.is_some() {
            writer.wake_by_ref();
        } else {
            keep(&mut state.writer, writer);
        }
    }
}

fn keep(known: &mut Option<Waker>, waker: &Waker) {
    if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
        *known = Some(waker.clone());
    }
}

/// Wakes one side, outside of the lock.
fn wake<T, E>(
    mut state: MutexGuard<'_, State<T, E>>,
    side: impl FnOnce(&mut State<T, E>) -> &mut Option<Waker>,
) {
    let waker = side(&mut state).take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
