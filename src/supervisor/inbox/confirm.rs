//! A count of lanes that have yet to take an event.

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

/// What has become of an event whose sender waits for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Confirmed {
    pub(crate) taken: usize,
    pub(crate) stopped: usize,
    pub(crate) subscribers: usize,
}

/// Counts the lanes that have yet to take an event.
#[derive(Debug, Default)]
pub(crate) struct Confirm {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Unknown until the registry has looked.
    subscribers: Option<usize>,
    taken: usize,
    stopped: usize,
    /// The sender does not wait any longer.
    cancelled: bool,
}

impl State {
    fn is_done(&self) -> bool {
        self.subscribers.is_some_and(|subscribers| self.taken + self.stopped >= subscribers)
    }

    fn confirmed(&self) -> Confirmed {
        Confirmed { taken: self.taken, stopped: self.stopped, subscribers: self.subscribers.unwrap_or(0) }
    }
}

impl Confirm {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Says how many lanes there are.
    pub(crate) fn expect(&self, subscribers: usize) {
        self.change(|state| state.subscribers = Some(subscribers));
    }

    /// A lane takes the event, unless the sender has gone.
    pub(super) fn take(&self) -> bool {
        let mut took = false;
        self.change(|state| {
            took = !state.cancelled;
            state.taken += usize::from(took);
        });
        took
    }

    /// A lane will never take the event.
    pub(super) fn stopped(&self) {
        self.change(|state| state.stopped += 1);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let done = state.is_done();
        drop(state);
        if done {
            self.changed.notify_one();
        }
    }

    /// No lane takes the event any more; what has become of it so far.
    pub(crate) fn cancel(&self) -> Confirmed {
        let mut state = self.lock();
        state.cancelled = true;
        state.confirmed()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Resolves when every lane has taken the event or never will.
    pub(crate) async fn done(&self) -> Confirmed {
        loop {
            {
                let state = self.lock();
                if state.is_done() {
                    return state.confirmed();
                }
            }
            self.changed.notified().await;
        }
    }
}
