//! What callers leave for the task of the inbox.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use async_nats::Subject;
use parking_lot::{Mutex, MutexGuard};

use crate::supervisor::{Deadline, Refusal};
use crate::transport::pending::Waiting;

/// The requests of a connection, as their callers see them.
pub(in crate::transport::nats) struct Calls {
    /// The inbox's subject, without a token.
    pub(super) inbox: String,
    bound: usize,
    ids: AtomicU64,
    /// How many bytes the last request had: the next is most likely alike.
    pub(super) last_size: AtomicUsize,
    /// How many were taken and not settled.
    pub(super) outstanding: Arc<AtomicUsize>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// What the task does not know of yet.
    pub(super) fresh: Vec<(u64, Waiting)>,
    /// The connection was lost.
    pub(super) lost: Option<Lost>,
    /// There will be no answers any more.
    pub(super) closed: Option<Refusal>,
    /// The task.
    pub(super) waker: Option<Waker>,
    /// The task looks at its deadlines by itself, four times a second.
    pub(super) looks: bool,
}

/// A connection that was lost, with what waited for an answer over it.
pub(super) struct Lost {
    pub(super) refusal: Refusal,
    /// How many of the fresh calls had been sent.
    pub(super) fresh: usize,
    /// Those that have not been sent, and wait for the next connection.
    pub(super) kept: HashSet<u64>,
}

impl Calls {
    pub(in crate::transport::nats) fn new(inbox: String, bound: usize) -> Self {
        Self {
            inbox,
            bound,
            ids: AtomicU64::new(1),
            last_size: AtomicUsize::default(),
            outstanding: Arc::default(),
            state: Mutex::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // No code of the user's runs under this lock.
        self.state.lock()
    }

    /// An id that no other call has.
    pub(super) fn id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// The subject of the answers to a call.
    pub(super) fn reply_to(&self, id: u64) -> Subject {
        let mut number = itoa::Buffer::new();
        let number = number.format(id);
        let mut subject = String::with_capacity(self.inbox.len() + 1 + number.len());
        subject.push_str(&self.inbox);
        subject.push('.');
        subject.push_str(number);
        Subject::from(subject)
    }

    /// Takes a place for a call.
    ///
    /// # Errors
    ///
    /// If there are as many as there may be: how many that is.
    pub(super) fn admit(&self) -> Result<(), usize> {
        if self.outstanding.fetch_add(1, Ordering::Acquire) >= self.bound {
            self.gave_up();
            return Err(self.bound);
        }
        Ok(())
    }

    /// A call that had a place does not need it.
    pub(super) fn gave_up(&self) {
        self.outstanding.fetch_sub(1, Ordering::Release);
    }

    /// Leaves a call for the task, before its message is sent.
    pub(super) fn insert(&self, id: u64, waiting: Waiting) {
        let mut state = self.lock();
        if let Some(refusal) = &state.closed {
            let refusal = refusal.clone();
            drop(state);
            self.gave_up();
            return waiting.ticket.refuse(refusal);
        }
        let is_exact = matches!(waiting.deadline, Deadline::At(_));
        state.fresh.push((id, waiting));
        // Another that has just looked finds it when it looks again, or when its answer comes.
        let waker = if is_exact || !state.looks { state.waker.take() } else { None };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The connection is lost: what was sent over it is not answered any more.
    pub(in crate::transport::nats) fn lost(&self, refusal: Refusal, kept: HashSet<u64>) {
        let mut state = self.lock();
        let fresh = state.fresh.len();
        state.lost = Some(Lost { refusal, fresh, kept });
        wake(state);
    }

    /// There will be no answers any more.
    pub(in crate::transport::nats) fn close(&self, refusal: Refusal) {
        let mut state = self.lock();
        state.closed = Some(refusal);
        wake(state);
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
