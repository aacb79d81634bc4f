//! Services that have got an event, and are run together at the end of the registry's poll.
//!
//! Only the registry's poll runs services from here, after its mailbox is empty or its turn is over, and only the
//! registry's own task polls the registry. What a handler emits meanwhile waits in that mailbox until everything else
//! that is ready has had its turn. One poll of the registry begins about [`BUDGET`] handlers, as one of a service does, so
//! that the thread's other tasks get their turns as before: of a single event, the services that are left are run by its
//! next polls; of several, they are woken. Nothing is in hand and no span is entered while the registry is polled, so there
//! is nothing to put aside.
//!
//! An event that comes alone is handed to services that are asleep, without passing through their lanes: it saves the way
//! in and out, about a tenth of what is left. It is in flight from then on. When a second event comes in the same
//! poll, or a subscription ends, it goes to the front of its lane first, so that bounds and ends hold for it.

use std::rc::Rc;

use super::Sits;

/// How many events one poll of the registry brings to their handlers.
const BUDGET: usize = 64;

/// Services that are to be run, or to be woken if nobody runs them.
#[derive(Default)]
pub(crate) struct Roused {
    /// Those before `next` have been run.
    sitters: Vec<Option<Rc<dyn Sits>>>,
    next: usize,
    /// How many events each of them may have got meanwhile.
    events: usize,
}

impl Roused {
    /// One more event is about to be delivered.
    #[inline]
    pub(crate) fn begin_event(&mut self) {
        if self.events == 1 {
            self.take_back();
        }
        self.events += 1;
    }

    /// Whether it takes one more whose event is handed over: if there is one event only, and this poll runs it.
    #[inline]
    pub(in crate::supervisor) fn hands_over(&self) -> bool {
        self.events == 1 && self.waiting() < BUDGET
    }

    /// Whether it takes one more. What it could not run anyway is woken more cheaply where the event is queued.
    #[inline]
    pub(in crate::supervisor) fn has_room(&self) -> bool {
        self.events == 1 || self.waiting() * self.events < BUDGET
    }

    #[inline]
    fn waiting(&self) -> usize {
        self.sitters.len() - self.next
    }

    #[inline]
    pub(in crate::supervisor) fn push(&mut self, sitter: Rc<dyn Sits>) {
        self.sitters.push(Some(sitter));
    }

    /// Queues the events that have been handed over, before the registry does something else.
    pub(crate) fn take_back(&mut self) {
        self.sitters[self.next..].iter().flatten().for_each(|sitter| sitter.take_back());
    }

    /// Runs as many of them as the budget is good for. True if others are to be run by another poll.
    pub(crate) fn run(&mut self) -> bool {
        let affordable = (BUDGET / self.events.max(1)).max(1).min(self.waiting());
        for sitter in &mut self.sitters[self.next..self.next + affordable] {
            if let Some(sitter) = sitter.take() {
                sitter.run();
            }
        }
        self.next += affordable;
        if self.events == 1 && self.waiting() > 0 {
            return true;
        }
        self.wake();
        false
    }

    fn wake(&mut self) {
        for sitter in self.sitters[self.next..].iter().flatten() {
            sitter.take_back();
            sitter.wake();
        }
        self.sitters.clear();
        (self.next, self.events) = (0, 0);
    }
}

impl Drop for Roused {
    fn drop(&mut self) {
        self.wake();
    }
}

impl std::fmt::Debug for Roused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roused").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
