//! A bounded queue of events with one rule of order.

use std::collections::VecDeque;
use std::sync::Arc;

use super::confirm::Confirm;
use super::item::Item;

/// How a lane queues.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaneRule {
    /// How many events may be queued or wait for a retry.
    pub(crate) bound: usize,
    /// How many of its events are handled at once: 1 keeps order.
    pub(crate) concurrency: u32,
}

pub(super) struct Lane {
    pub(super) rule: LaneRule,
    pub(super) queue: VecDeque<Item>,
    /// Events that wait for their retry without holding a slot.
    pub(super) retrying: usize,
    /// Events whose senders wait for room, oldest first.
    pub(super) rooms: VecDeque<(Item, Arc<Confirm>)>,
}

impl Lane {
    pub(super) fn new(rule: LaneRule) -> Self {
        Self { rule, queue: VecDeque::new(), retrying: 0, rooms: VecDeque::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.queue.len() + self.retrying >= self.rule.bound
    }

    /// Lets waiting senders' events in while there is room; says which subscriptions they belong to. The events of
    /// senders that have gone end in `gone`.
    pub(super) fn admit(&mut self, gone: &mut Vec<Item>, mut admitted: impl FnMut(u32)) {
        while !self.rooms.is_empty() && !self.is_full() {
            let Some((item, confirm)) = self.rooms.pop_front() else { return };
            if confirm.take() {
                admitted(item.subscription);
                self.queue.push_back(item);
            } else {
                gone.push(item);
            }
        }
    }
}
