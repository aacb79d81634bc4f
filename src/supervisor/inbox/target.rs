//! The registry's side of an inbox.

use std::sync::Arc;

use super::Inbox;
use super::item::Item;
use crate::event::SharedEvent;
use crate::supervisor::seat::{Roused, Seat};

/// Where a subscription's events go.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) subscription: u32,
    /// Here too, so that a delivery need not look it up.
    lane: u32,
}

impl Target {
    pub(crate) fn new(inbox: &Arc<Inbox>, subscription: u32) -> Self {
        let (_, lane) = inbox.subscriptions[subscription as usize];
        Self { inbox: Arc::clone(inbox), subscription, lane }
    }

    /// Delivers an event: it is queued, or handed to its service, or it is a dead letter. A service that is asleep is
    /// woken, or is left to `roused`.
    #[inline(always)]
    pub(crate) fn deliver(&self, event: SharedEvent, roused: &mut Roused) {
        if roused.hands_over()
            && let Some(sitter) = self.inbox.seat.get().and_then(|seat| seat.sitter())
        {
            match sitter.hand(self.lane, self.subscription, event) {
                None => roused.push(sitter),
                Some(event) => self.queue(event, roused),
            }
        } else {
            self.queue(event, roused);
        }
    }

    #[inline(never)]
    fn queue(&self, event: SharedEvent, roused: &mut Roused) {
        let seat = if roused.has_room() { self.inbox.seat.get().copied() } else { None };
        if let Some(sitter) = self.push(event, seat).and_then(Seat::sitter) {
            roused.push(sitter);
        }
    }

    /// As [`deliver`](Self::deliver), for whoever is not the registry: a service that is asleep is woken.
    #[cfg(feature = "nats")]
    pub(crate) fn deliver_and_wake(&self, event: SharedEvent) {
        self.push(event, None);
    }

    #[inline(always)]
    fn push(&self, event: SharedEvent, seat: Option<Seat>) -> Option<Seat> {
        let Self { inbox, subscription, lane } = self;
        let pushed = inbox.lock().push(*lane as usize, *subscription, event, seat);
        pushed.unwrap_or_else(|(event, reason)| {
            let item = Item { subscription: *subscription, attempt: 1, event, extra: None };
            inbox.bury_refused(item, reason);
            None
        })
    }
}
