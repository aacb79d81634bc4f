//! Somebody who waits until an event is known to be in its stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::peer::Unconfirmed;

const WAITING: u8 = 0;
const SENT: u8 = 1;
const GONE: u8 = 2;

/// The publisher's end.
#[derive(Debug)]
pub(super) struct Waiter {
    state: Arc<AtomicU8>,
    answer: oneshot::Sender<Result<(), Unconfirmed>>,
}

/// The end of who waits.
#[derive(Debug)]
pub(super) struct Waiting {
    state: Arc<AtomicU8>,
    answered: oneshot::Receiver<Result<(), Unconfirmed>>,
}

pub(super) fn waiter() -> (Waiter, Waiting) {
    let state = Arc::new(AtomicU8::new(WAITING));
    let (answer, answered) = oneshot::channel();
    (Waiter { state: Arc::clone(&state), answer }, Waiting { state, answered })
}

impl Waiter {
    /// Whether the event is to be sent: false if nobody waits for it any more and it never was.
    pub(super) fn sends(&self) -> bool {
        let sends = self.state.compare_exchange(WAITING, SENT, Ordering::AcqRel, Ordering::Acquire);
        sends != Err(GONE)
    }

    pub(super) fn tell(self, answer: Result<(), Unconfirmed>) {
        let _ = self.answer.send(answer);
    }
}

impl Waiting {
    pub(super) async fn within(mut self, within: Duration) -> Result<(), Unconfirmed> {
        match tokio::time::timeout(within, &mut self.answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Unconfirmed::Refused("the node has shut down".to_owned())),
            Err(_) if self.leave() => Err(Unconfirmed::Refused(format!(
                "there was no connection to send it over within {within:?}"
            ))),
            Err(_) => Err(Unconfirmed::Late),
        }
    }

    /// Waits no longer; true if the event has not been sent, and never will be.
    fn leave(&self) -> bool {
        self.state.compare_exchange(WAITING, GONE, Ordering::AcqRel, Ordering::Acquire) != Err(SENT)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.leave();
    }
}
