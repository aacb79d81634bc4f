//! The requests of a connection that have not been answered, each with what its transport needs to answer it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::{Mutex, MutexGuard};
use slab::Slab;

use crate::erased::{Erased, Part};
use crate::supervisor::Inbox;

/// What wakes a connection's task from outside its socket, and which of its requests have something to say.
#[derive(Debug, Default)]
pub(super) struct Ready {
    state: Mutex<State>,
    aborted: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    slots: Vec<u32>,
    waker: Option<Waker>,
}

impl Ready {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(super) fn set_waker(&self, waker: &Waker) {
        let mut state = self.lock();
        if !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
    }

    fn push(&self, slot: u32) {
        let mut state = self.lock();
        state.slots.push(slot);
        // The first wakes; the task takes all that are there then.
        if state.slots.len() == 1
            && let Some(waker) = &state.waker
        {
            waker.wake_by_ref();
        }
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = &self.lock().waker {
            waker.wake_by_ref();
        }
    }

    /// The connection is to end at once.
    pub(super) fn abort(&self) {
        self.aborted.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.aborted.load(Ordering::Acquire)
    }
}

/// Says that one request has something to say.
struct SlotWaker {
    ready: Arc<Ready>,
    slot: u32,
    woken: AtomicBool,
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.ready.push(self.slot);
        }
    }
}

/// The requests that have not been answered. Each has a slot, whose waker is made once for all requests that it is
/// ever used for.
pub(super) struct Replies<T> {
    slots: Slab<Pending<T>>,
    wakers: Vec<Arc<SlotWaker>>,
    ready: Arc<Ready>,
    /// Slots taken from `ready` that have not been looked at in this round.
    woken: VecDeque<u32>,
    /// Slots that may have more to say, for the next round: a stream that always has must not hold up the others.
    again: Vec<u32>,
    /// What the frames of all the requests take, in bytes.
    bytes: usize,
}

struct Pending<T> {
    /// Whom to answer.
    to: T,
    call: Arc<dyn Erased>,
    inbox: Arc<Inbox>,
    /// What its frame took.
    bytes: usize,
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        // Nobody waits any more, if anybody ever did: what was not begun never is, what runs is dropped.
        self.call.abandon();
        self.inbox.abandoned();
    }
}

/// A part of an answer, whose JSON is in the buffer that was given.
pub(super) struct Answered<'a, T> {
    pub(super) to: &'a T,
    /// Its place; another request may have it later.
    #[cfg_attr(not(feature = "nats"), allow(dead_code, reason = "only NATS has a word for it"))]
    pub(super) slot: u32,
    pub(super) part: Part,
    pub(super) call: &'a Arc<dyn Erased>,
}

impl<T> Replies<T> {
    pub(super) fn new(ready: Arc<Ready>) -> Self {
        Self {
            slots: Slab::new(),
            wakers: Vec::new(),
            ready,
            woken: VecDeque::new(),
            again: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What the frames of the requests in flight take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Waits for the answer of a request that is in its inbox and whose frame takes `bytes`.
    pub(super) fn insert(&mut self, to: T, call: Arc<dyn Erased>, inbox: Arc<Inbox>, bytes: usize) {
        self.bytes += bytes;
        let index = self.slots.insert(Pending { to, call, inbox, bytes });
        let slot = u32::try_from(index).unwrap_or(u32::MAX);
        if index == self.wakers.len() {
            let ready = Arc::clone(&self.ready);
            self.wakers.push(Arc::new(SlotWaker { ready, slot, woken: AtomicBool::new(false) }));
        }
        // Its first poll leaves the waker with it.
        self.wakers[index].woken.store(true, Ordering::Release);
        self.woken.push_back(slot);
    }

    /// Takes the request back that has a slot, if `ends` says so.
    #[cfg(feature = "nats")]
    pub(super) fn end(&mut self, slot: u32, ends: impl FnOnce(&T) -> bool) {
        let index = slot as usize;
        if self.slots.get(index).is_some_and(|pending| ends(&pending.to)) {
            self.bytes -= self.slots.remove(index).bytes;
        }
    }

    /// Takes all requests back.
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.bytes = 0;
    }

    /// Gives the next part of an answer to `take`, if there is one; its JSON is in `json`. Where `take` wants no more of
    /// it, the request is taken back.
    pub(super) fn poll(
        &mut self,
        json: &mut Vec<u8>,
        take: impl FnOnce(&[u8], Answered<'_, T>) -> bool,
    ) -> Poll<()> {
        loop {
            let Some(slot) = self.woken.pop_front() else {
                if !self.next_round() {
                    return Poll::Pending;
                }
                continue;
            };
            let index = slot as usize;
            self.wakers[index].woken.store(false, Ordering::Release);
            let Some(pending) = self.slots.get(index) else { continue };
            json.clear();
            let waker = Waker::from(Arc::clone(&self.wakers[index]));
            let polled = pending.call.poll_part(&mut Context::from_waker(&waker), json);
            let Poll::Ready(part) = polled else { continue };
            let is_last = !matches!(part, Part::Item(_));
            let goes_on = take(json, Answered { to: &pending.to, slot, part, call: &pending.call });
            if is_last || !goes_on {
                self.bytes -= self.slots.remove(index).bytes;
            } else {
                // It may have more to say at once.
                self.wakers[index].woken.store(true, Ordering::Release);
                self.again.push(slot);
            }
            return Poll::Ready(());
        }
    }

    fn next_round(&mut self) -> bool {
        self.woken.extend(self.ready.lock().slots.drain(..));
        self.woken.extend(self.again.drain(..));
        !self.woken.is_empty()
    }
}
