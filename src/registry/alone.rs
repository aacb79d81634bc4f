//! An event that has come alone.
//!
//! The first event in a poll of the registry waits until the mailbox is empty, or the registry's turn is over. If no
//! other has come then, each of its subscribers is run in turn, without a queue in between: that saves each a lock, the
//! way in and out of a lane, and a count of references. Other events, and changes of the subscriptions, find it in the
//! lanes.

use super::Registry;
use crate::event::SharedEvent;
use crate::panics::discard;
use crate::supervisor::BUDGET;

/// An event on its way to its subscribers.
pub(super) struct Alone {
    event: SharedEvent,
    /// The first of them that has not got it.
    next: usize,
}

impl Alone {
    pub(super) fn new(event: SharedEvent) -> Self {
        Self { event, next: 0 }
    }
}

impl Registry {
    /// Brings the event that has come alone to as many subscribers as one poll is good for. True if others are left.
    pub(super) fn handle_alone(&mut self, alone: Alone) -> bool {
        let Alone { event, next } = alone;
        let subscribers = self.table.subscribers(event.metadata().route());
        // On other threads nobody waits for handlers that run on this one.
        if subscribers.is_empty() || !subscribers.are_here() {
            self.queue(event, next);
            return false;
        }
        let end = subscribers.len().min(next + BUDGET);
        let (mut event, mut spare) = (Some(event), None);
        for (index, subscriber) in subscribers[..end].iter().enumerate().skip(next) {
            let copy = if index + 1 < subscribers.len() {
                spare.or_else(|| event.clone())
            } else {
                // Not the last reference, whose drop runs code of the user's.
                drop(spare);
                event.take()
            };
            spare = copy.and_then(|copy| subscriber.handle(copy));
        }
        if let Some(event) = event {
            self.alone = Some(Alone { event, next: end });
            return true;
        }
        // It is in the backlog until now, so that a drain sees it there or in a service.
        self.counters.broadcast();
        discard(spare);
        false
    }

    /// Queues the event that has come alone, if there is one: something else has come.
    #[inline]
    pub(super) fn queue_alone(&mut self) {
        if let Some(Alone { event, next }) = self.alone.take() {
            self.queue(event, next);
        }
    }
}
