//! A request that waits for its peer.

use std::sync::Arc;
use std::time::Duration;

use crate::panics::guard;
use crate::peer::{Answer, Outgoing};
use crate::supervisor::Refusal;

/// A request that waits for its peer: dropping it settles it too, so that none is forgotten on any path.
pub(super) struct Ticket(Option<Arc<dyn Outgoing>>);

impl Ticket {
    pub(super) fn new(call: Arc<dyn Outgoing>) -> Self {
        Self(Some(call))
    }

    /// Whether nobody waits for it any more.
    pub(super) fn is_settled(&self) -> bool {
        self.0.as_ref().is_none_or(|call| call.is_settled())
    }

    /// Whether it wants all values, and not only the first.
    #[cfg(feature = "nats")]
    pub(super) fn is_stream(&self) -> bool {
        self.0.as_ref().is_some_and(|call| call.is_stream())
    }

    pub(super) fn refuse(mut self, refusal: Refusal) {
        if let Some(call) = self.0.take() {
            call.refuse(refusal);
        }
    }

    pub(super) fn expire(mut self, after: Duration) {
        if let Some(call) = self.0.take() {
            call.expire(after);
        }
    }

    /// How many values have come that were not read yet.
    #[cfg(feature = "nats")]
    pub(super) fn waiting(&self) -> usize {
        self.0.as_ref().map_or(0, |call| call.waiting())
    }

    /// Settles it without taking it out of where it waits.
    #[cfg(feature = "nats")]
    pub(super) fn fail(&self, refusal: Refusal) {
        if let Some(call) = &self.0 {
            call.refuse(refusal);
        }
    }

    /// Takes a value after which others may come.
    #[cfg(feature = "nats")]
    pub(super) fn item(&self, answer: Answer<'_>) {
        if let Some(call) = &self.0 {
            tell(&**call, answer);
        }
    }

    /// Takes the answer that settles it.
    pub(super) fn answer(mut self, answer: Answer<'_>) {
        if let Some(call) = self.0.take() {
            tell(&*call, answer);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            let message = "the task of the connection has ended, most likely with the runtime that it ran on";
            call.refuse(Refusal::Transport { message: message.to_owned() });
        }
    }
}

/// Gives a call a part of its response, which code of the user's reads.
pub(super) fn tell(call: &dyn Outgoing, answer: Answer<'_>) {
    if let Err(panic) = guard(|| call.answer(answer)) {
        let message = format!("reading the response panicked: {}", panic.message);
        call.refuse(Refusal::Decode { message });
    }
}
