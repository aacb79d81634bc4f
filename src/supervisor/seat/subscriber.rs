//! A subscription as the registry keeps it on its thread: where its events go, and who sits there.

use std::cell::OnceCell;
use std::rc::{Rc, Weak};

use super::{Roused, Sits};
use crate::event::SharedEvent;
use crate::supervisor::inbox::Target;

/// A subscription, on the registry's thread.
pub(crate) struct Subscriber {
    target: Target,
    /// Looked up once.
    sitter: OnceCell<Weak<dyn Sits>>,
}

impl Subscriber {
    pub(crate) fn new(target: &Target) -> Self {
        Self { target: target.clone(), sitter: OnceCell::new() }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Delivers an event that has come alone. A service that is [here](Self::is_here) and has nothing to do handles it
    /// before this returns; for others it is queued. Gives the event back where nobody needs it any more.
    #[inline]
    pub(crate) fn handle(&self, event: SharedEvent) -> Option<SharedEvent> {
        let event = match self.sitter() {
            Some(sitter) => match sitter.handle(self.target.lane, self.target.subscription, event) {
                Ok(spare) => return spare,
                Err(event) => event,
            },
            None => event,
        };
        self.target.deliver(event);
        None
    }

    /// Queues an event. A service that is asleep is woken, or is left to `roused`.
    #[inline(never)]
    pub(crate) fn queue(&self, event: SharedEvent, roused: &mut Roused) {
        let seat = if roused.has_room() { self.target.seat() } else { None };
        if let Some(sitter) = self.target.push(event, seat).and_then(super::Seat::sitter) {
            roused.push(sitter);
        }
    }

    /// Whether its service sits on this thread, or did.
    pub(crate) fn is_here(&self) -> bool {
        self.target.seat().is_some()
    }

    #[inline]
    fn sitter(&self) -> Option<Rc<dyn Sits>> {
        match self.sitter.get() {
            Some(sitter) => sitter.upgrade(),
            None => self.look_up(),
        }
    }

    #[cold]
    fn look_up(&self) -> Option<Rc<dyn Sits>> {
        let sitter = self.target.seat()?.sitter()?;
        self.sitter.get_or_init(|| Rc::downgrade(&sitter));
        Some(sitter)
    }
}
