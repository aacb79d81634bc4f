//! The registry's side of an inbox.

use std::sync::Arc;

use super::Inbox;
use super::item::Item;
use crate::event::SharedEvent;
use crate::supervisor::seat::Seat;

/// Where a subscription's events go.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) subscription: u32,
    /// Here too, so that a delivery need not look it up.
    pub(in crate::supervisor) lane: u32,
}

impl Target {
    pub(crate) fn new(inbox: &Arc<Inbox>, subscription: u32) -> Self {
        let lane = inbox.subscriptions[subscription as usize].lane;
        Self { inbox: Arc::clone(inbox), subscription, lane }
    }

    /// Delivers an event: it is queued, or it is a dead letter. A service that is asleep is woken.
    #[inline(never)]
    pub(crate) fn deliver(&self, event: SharedEvent) {
        self.push(event, None);
    }

    /// As [`deliver`](Self::deliver), but a service that is asleep is left to the caller if it gives its seat.
    #[inline(always)]
    pub(in crate::supervisor) fn push(&self, event: SharedEvent, seat: Option<Seat>) -> Option<Seat> {
        let Self { inbox, subscription, lane } = self;
        let pushed = inbox.lock().push(*lane as usize, *subscription, event, seat);
        pushed.unwrap_or_else(|(event, reason)| {
            let item = Item { subscription: *subscription, attempt: 1, event, extra: None };
            inbox.bury_refused(item, reason);
            None
        })
    }

    /// Where the service may be run by others on its thread.
    #[inline]
    pub(in crate::supervisor) fn seat(&self) -> Option<Seat> {
        self.inbox.seat.get().copied()
    }
}
