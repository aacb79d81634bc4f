//! Services that have got an event, and are run together at the end of the registry's poll.
//!
//! Only the registry's poll runs services from here, after its mailbox is empty or its turn is over, and only the
//! registry's own task polls the registry. What a handler emits meanwhile waits in that mailbox until everything else
//! that is ready has had its turn. One poll of the registry begins about [`BUDGET`] handlers, as one of a service does, so
//! that the thread's other tasks get their turns as before: of a single event, the services that are left are run by its
//! next polls; of several, they are woken. Nothing is in hand and no span is entered while the registry is polled, so there
//! is nothing to put aside.

use std::collections::VecDeque;

use super::Seat;

/// How many events one poll of the registry brings to their handlers.
const BUDGET: usize = 64;

/// Services that are to be run, or to be woken if nobody runs them.
#[derive(Debug, Default)]
pub(crate) struct Roused {
    seats: VecDeque<Seat>,
    /// How many events each of them may have got meanwhile.
    events: usize,
}

impl Roused {
    /// One more event is about to be delivered.
    #[inline]
    pub(crate) fn begin_event(&mut self) {
        self.events += 1;
    }

    /// Whether it takes one more. What it could not run anyway is woken more cheaply where the event is queued.
    #[inline]
    pub(in crate::supervisor) fn has_room(&self) -> bool {
        self.events == 1 || self.seats.len() * self.events < BUDGET
    }

    #[inline]
    pub(in crate::supervisor) fn push(&mut self, seat: Seat) {
        self.seats.push_back(seat);
    }

    /// Runs as many of them as the budget is good for. True if others are to be run by another poll.
    pub(crate) fn run(&mut self) -> bool {
        let affordable = (BUDGET / self.events.max(1)).max(1).min(self.seats.len());
        self.seats.drain(..affordable).filter_map(Seat::sitter).for_each(|sitter| sitter.run());
        if self.events == 1 && !self.seats.is_empty() {
            return true;
        }
        self.events = 0;
        self.wake();
        false
    }

    fn wake(&mut self) {
        self.seats.drain(..).filter_map(Seat::sitter).for_each(|sitter| sitter.wake());
    }
}

impl Drop for Roused {
    fn drop(&mut self) {
        self.wake();
    }
}
