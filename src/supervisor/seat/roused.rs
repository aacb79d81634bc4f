//! Services that have got events, and are run together at the end of the registry's poll.
//!
//! Only the registry's poll runs services from here, after its mailbox is empty or its turn is over, and only the
//! registry's own task polls the registry. What a handler emits meanwhile waits in that mailbox until everything else
//! that is ready has had its turn. One poll of the registry begins about [`BUDGET`] handlers, as one of a service does, so
//! that the thread's other tasks get their turns as before: the services that are left are woken. Nothing is in hand and
//! no span is entered while the registry is polled, so there is nothing to put aside.

use std::rc::Rc;

use super::{BUDGET, Sits};

/// Services that are to be run, or to be woken if nobody runs them.
#[derive(Default)]
pub(crate) struct Roused {
    sitters: Vec<Rc<dyn Sits>>,
    /// How many events each of them may have got meanwhile.
    events: usize,
}

impl Roused {
    /// One more event is about to be queued.
    pub(crate) fn begin_event(&mut self) {
        self.events += 1;
    }

    /// Whether an event has been queued since they were run.
    #[inline]
    pub(crate) fn has_events(&self) -> bool {
        self.events > 0
    }

    /// Whether it takes one more. What it could not run anyway is woken more cheaply where the event is queued.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.sitters.len() * self.events < BUDGET
    }

    #[inline]
    pub(super) fn push(&mut self, sitter: Rc<dyn Sits>) {
        self.sitters.push(sitter);
    }

    /// Runs as many of them as the budget is good for, and wakes the others.
    pub(crate) fn run(&mut self) {
        let affordable = BUDGET / self.events.max(1);
        self.events = 0;
        for (index, sitter) in self.sitters.drain(..).enumerate() {
            if index < affordable.max(1) {
                sitter.run();
            } else {
                sitter.wake();
            }
        }
    }
}

impl Drop for Roused {
    fn drop(&mut self) {
        self.sitters.iter().for_each(|sitter| sitter.wake());
    }
}

impl std::fmt::Debug for Roused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roused").field("services", &self.sitters.len()).finish_non_exhaustive()
    }
}
