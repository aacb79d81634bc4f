//! The senders' side of the request lane.

use std::sync::atomic::Ordering;

use super::Inbox;
use super::item::{Deadline, QueuedCall};
use crate::supervisor::call::Refusal;
use crate::supervisor::seat::{self, Seat};

impl Inbox {
    /// Queues a request and wakes the service, or says why not.
    pub(crate) fn request(&self, queued: QueuedCall) -> Result<(), Refusal> {
        self.queue(queued, None).map(drop)
    }

    /// Whether a sender that is polled here and now may run the service itself, if that has nothing else to do.
    #[inline]
    pub(crate) fn may_run_directly(&self) -> bool {
        self.seat.get().is_some_and(|seat| seat::may_run(*seat))
    }

    /// As [`request`](Self::request), where the sender [may run](Self::may_run_directly) the service: if that is
    /// asleep, it is run before this returns.
    #[inline]
    pub(crate) fn request_directly(&self, queued: QueuedCall) -> Result<(), Refusal> {
        /// A service that is left to the sender is run or woken, whatever happens: nobody else wakes it.
        struct Left<'a>(&'a Inbox, bool);
        impl Drop for Left<'_> {
            fn drop(&mut self) {
                if !self.1 {
                    self.0.wake();
                }
            }
        }
        if let Some(seat) = self.queue(queued, self.seat.get())? {
            let mut left = Left(self, false);
            left.1 = seat::run(seat);
        }
        Ok(())
    }

    /// Queues a request, or says why not. A service that is asleep is woken, or is left to the caller if it gives its
    /// seat.
    #[inline]
    fn queue(&self, queued: QueuedCall, seat: Option<&Seat>) -> Result<Option<Seat>, Refusal> {
        let deadline = queued.deadline;
        let mut state = self.lock();
        if let Some(reason) = state.phase.refusal(&self.service) {
            return Err(Refusal::Unavailable { reason });
        }
        if state.requests.len() >= state.request_bound && self.abandoned.swap(false, Ordering::AcqRel) {
            state.forget_abandoned();
        }
        if state.requests.len() >= state.request_bound {
            state.request_stats.overloaded += 1;
            return Err(Refusal::Overloaded {
                service: self.service.to_string(),
                bound: state.request_bound,
            });
        }
        state.request_stats.received += 1;
        state.requests.push_back(queued);
        let left = state.rouse(seat.copied());
        match deadline {
            Deadline::At(deadline) if state.next_deadline.is_none_or(|next| deadline < next) => {
                state.next_deadline = Some(deadline);
                drop(state);
                self.deadlines.arm(deadline);
            }
            Deadline::Unstamped => self.deadlines.stamp_soon(),
            Deadline::At(_) | Deadline::About(_) | Deadline::Never => {}
        }
        Ok(left)
    }

    /// A sender has given up: its request may still hold a place in the lane.
    pub(crate) fn abandoned(&self) {
        self.abandoned.store(true, Ordering::Release);
    }
}
