//! Requests that wait for their answers, and how long.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Context;
use std::time::Duration;

use foldhash::fast::RandomState;
use tokio::time::{Instant, Sleep, sleep_until};

use super::ticket::Ticket;
use crate::supervisor::{Deadline, Refusal};

/// How often all are looked through while there are any: for those that nobody waits for any more, and for deadlines
/// that need not be exact. A timer for each would cost more than the request.
const SWEEP: Duration = Duration::from_millis(250);

/// A request that has left its sender.
pub(super) struct Waiting {
    pub(super) ticket: Ticket,
    pub(super) deadline: Deadline,
    /// The sender's timeout.
    pub(super) after: Duration,
}

/// When a request is past its deadline.
enum Due {
    At(Instant),
    /// At a sweep, by its number.
    Sweep(u64),
    Never,
}

struct Waits {
    ticket: Ticket,
    due: Due,
    after: Duration,
}

/// The requests of a connection that wait for their answers.
pub(super) struct Pending {
    calls: HashMap<u64, Waits, RandomState>,
    /// The exact deadlines, also of requests that have been answered since.
    exact: BinaryHeap<Reverse<(Instant, u64)>>,
    /// One timer for all: for the next exact deadline, or the next sweep. None while nothing is to be waited for.
    timer: Option<Pin<Box<Sleep>>>,
    /// When the timer rings, and when the next sweep is, while there is a timer.
    rings: Instant,
    next_sweep: Instant,
    /// The timer knows whom to wake.
    is_watched: bool,
    sweeps: u64,
    /// Something came since the last sweep: the timer is kept for what comes next.
    is_busy: bool,
    /// How many requests the callers may take for outstanding; each that leaves is taken from it.
    outstanding: Arc<AtomicUsize>,
}

impl Pending {
    pub(super) fn new(outstanding: Arc<AtomicUsize>) -> Self {
        let now = Instant::now();
        Self {
            calls: HashMap::default(),
            exact: BinaryHeap::new(),
            timer: None,
            rings: now,
            next_sweep: now,
            is_watched: false,
            sweeps: 0,
            is_busy: false,
            outstanding,
        }
    }

    pub(super) fn contains(&self, id: u64) -> bool {
        self.calls.contains_key(&id)
    }

    /// Whether somebody waits for a request's answer, or for more of it.
    #[cfg(feature = "nats")]
    pub(super) fn is_awaited(&self, id: u64) -> bool {
        self.calls.get(&id).is_some_and(|entry| !entry.ticket.is_settled())
    }

    /// Whether it looks at its deadlines, also at those of what comes, without being woken.
    #[cfg(feature = "nats")]
    pub(super) fn is_watching(&self) -> bool {
        self.timer.is_some()
    }

    /// A request that waits. Its first value has come, or will have: it has no deadline any more.
    #[cfg(feature = "nats")]
    pub(super) fn begun(&mut self, id: u64) -> Option<&mut Ticket> {
        let entry = self.calls.get_mut(&id)?;
        entry.due = Due::Never;
        Some(&mut entry.ticket)
    }

    /// Whether a request waits that wants all values.
    #[cfg(feature = "nats")]
    pub(super) fn is_stream(&self, id: u64) -> bool {
        self.calls.get(&id).is_some_and(|entry| entry.ticket.is_stream())
    }

    pub(super) fn insert_all(&mut self, fresh: &mut Vec<(u64, Waiting)>) {
        for (id, waiting) in fresh.drain(..) {
            self.insert(id, waiting);
        }
    }

    fn insert(&mut self, id: u64, waiting: Waiting) {
        let Waiting { ticket, deadline, after } = waiting;
        let due = match deadline {
            Deadline::At(at) => Due::At(at),
            Deadline::About(at) => Due::At(at),
            Deadline::Unstamped => {
                // The next sweep may be near, so it is the one after that from which on the timeout counts.
                let sweeps = after.as_millis().div_ceil(SWEEP.as_millis());
                Due::Sweep(
                    self.sweeps.saturating_add(1).saturating_add(u64::try_from(sweeps).unwrap_or(u64::MAX)),
                )
            }
            Deadline::Never => Due::Never,
        };
        self.is_busy = true;
        if self.timer.is_none() {
            let now = Instant::now();
            self.next_sweep = now + SWEEP;
            self.rings = self.next_sweep;
            self.timer = Some(Box::pin(sleep_until(self.rings)));
            self.is_watched = false;
        }
        if let Due::At(at) = due {
            self.note_exact(at, id);
        }
        self.calls.insert(id, Waits { ticket, due, after });
    }

    fn note_exact(&mut self, at: Instant, id: u64) {
        // Most are answered long before: they are forgotten here when they outnumber the others.
        if self.exact.len() > 2 * self.calls.len() + 1024 {
            let calls = &self.calls;
            self.exact.retain(|Reverse((_, id))| calls.contains_key(id));
        }
        self.exact.push(Reverse((at, id)));
        if at < self.rings {
            self.ring_at(at);
        }
    }

    fn ring_at(&mut self, at: Instant) {
        self.rings = at;
        self.is_watched = false;
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(at);
        }
    }

    /// Takes a request out, to be answered.
    pub(super) fn remove(&mut self, id: u64) -> Option<Ticket> {
        let entry = self.calls.remove(&id)?;
        self.outstanding.fetch_sub(1, Ordering::Release);
        Some(entry.ticket)
    }

    /// Refuses all but those that `keep` wants; how many.
    pub(super) fn refuse(&mut self, refusal: &Refusal, mut keep: impl FnMut(u64) -> bool) -> usize {
        let refused: Vec<_> = self.calls.extract_if(|id, _| !keep(*id)).collect();
        self.outstanding.fetch_sub(refused.len(), Ordering::Release);
        let mut waited = 0;
        for (_, entry) in refused {
            waited += usize::from(!entry.ticket.is_settled());
            entry.ticket.refuse(refusal.clone());
        }
        waited
    }

    /// Fails what is past its deadline, and wakes the task when the next deadline comes.
    #[inline]
    pub(super) fn poll_deadlines(&mut self, cx: &mut Context<'_>) {
        while let Some(timer) = &mut self.timer {
            if !timer.is_elapsed() {
                // A task keeps its waker, so the timer is told once.
                if self.is_watched || timer.as_mut().poll(cx).is_pending() {
                    self.is_watched = true;
                    return;
                }
            }
            self.look(Instant::now());
        }
    }

    fn look(&mut self, now: Instant) {
        while let Some(Reverse((at, id))) = self.exact.peek().copied()
            && at <= now
        {
            self.exact.pop();
            // One that has begun has no deadline any more.
            if let Entry::Occupied(entry) = self.calls.entry(id)
                && matches!(entry.get().due, Due::At(_))
            {
                let Waits { ticket, after, .. } = entry.remove();
                self.outstanding.fetch_sub(1, Ordering::Release);
                ticket.expire(after);
            }
        }
        if now >= self.next_sweep {
            self.sweep();
            self.next_sweep = now + SWEEP;
        }
        if self.calls.is_empty() && !self.is_busy {
            self.timer = None;
            self.exact.clear();
            return;
        }
        let exact = self.exact.peek().map_or(self.next_sweep, |Reverse((at, _))| *at);
        self.ring_at(exact.min(self.next_sweep));
    }

    fn sweep(&mut self) {
        self.sweeps += 1;
        self.is_busy = false;
        let sweeps = self.sweeps;
        let over =
            |entry: &Waits| entry.ticket.is_settled() || matches!(entry.due, Due::Sweep(at) if at <= sweeps);
        let over: Vec<_> = self.calls.extract_if(|_, entry| over(entry)).collect();
        self.outstanding.fetch_sub(over.len(), Ordering::Release);
        for (_, entry) in over {
            entry.ticket.expire(entry.after);
        }
    }
}
