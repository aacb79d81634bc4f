//! Requests whose sender runs the service itself.
//!
//! A sender that is polled on the service's own thread while the service has nothing to do polls the service, instead of
//! waking it and being woken by it. Most responses are there when that poll ends, and the sender never waits.
//!
//! - What the sender has in hand is put aside, so that nothing in the service inherits it, and where the sender is itself
//!   in a service, the watchdog blames that one's handler for nothing that happens here. Its spans stay entered: a
//!   handler's own span is made without a parent.
//! - The sender may be any task of the node's runtime. What the service's handlers spawn finds its task set in the
//!   [`Annex`](super::Annex).
//! - Each such run spends one unit of the sender's budget as tokio counts it, and where that is spent the service is woken
//!   instead: a task that sends one request after another yields as often as if it received from a channel.
//! - A service that is run by another's request may send requests itself; but only [`DEPTH`] services are run inside of
//!   one another, since they share one stack.

use std::cell::Cell;
use std::task::{Context as TaskContext, Poll, Waker};

use tokio::task::coop;

use super::Seat;
use crate::scope::Scope;
use crate::supervisor::lend::Lender;

/// How many services are run inside of one another at the most.
const DEPTH: u8 = 4;

thread_local! {
    static NESTED: Cell<u8> = const { Cell::new(0) };
}

/// Whether a sender that is polled here and now may run the service itself.
#[inline]
pub(in crate::supervisor) fn may_run(seat: Seat) -> bool {
    seat.is_here() && NESTED.get() < DEPTH && coop::has_budget_remaining()
}

/// Runs a service that [`may_run`] and is asleep; false if it is to be woken after all.
pub(in crate::supervisor) fn run(seat: Seat) -> bool {
    struct Nested;
    impl Drop for Nested {
        fn drop(&mut self) {
            NESTED.set(NESTED.get() - 1);
        }
    }
    let Some(sitter) = seat.sitter() else { return false };
    // There is budget left, so nobody is woken.
    if let Poll::Ready(spent) = coop::poll_proceed(&mut TaskContext::from_waker(Waker::noop())) {
        spent.made_progress();
    }
    NESTED.set(NESTED.get() + 1);
    let _nested = Nested;
    sitter.run_directly()
}

/// Runs `run` as if nothing were in hand and nobody's handler were running.
pub(super) fn with_the_sender_aside(scope: &Scope, run: impl FnOnce()) {
    // The panics of what is run are caught further inside.
    let hand = scope.swap_hand(None);
    skip_a_beat(scope);
    run();
    skip_a_beat(scope);
    scope.swap_hand(hand);
}

/// For the watchdog, a handler that runs has ended, or one that had has begun.
fn skip_a_beat(scope: &Scope) {
    scope.with_lender(|lender| {
        if let Some(sender) = lender.downcast_ref::<Lender>() {
            sender.inbox.beat();
        }
    });
}
