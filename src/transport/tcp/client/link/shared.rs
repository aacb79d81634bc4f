//! What callers and the task of a connection share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::task::Waker;

use parking_lot::{Mutex, MutexGuard};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::super::builder::Options;
use super::super::status::{Board, TcpStatus};
use super::CLOSING;
use super::outbox::{Outbox, What};
use crate::supervisor::Refusal;
use crate::transport::pending::Waiting;

pub(super) struct Shared {
    pub(super) options: Arc<Options>,
    board: Arc<Board>,
    /// Which of the client's connections it is.
    index: usize,
    pub(super) ids: AtomicU64,
    /// How many requests were taken and not settled.
    pub(super) outstanding: Arc<AtomicUsize>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// What the task has not taken yet.
    pub(super) outbox: Outbox,
    /// The requests that it does not know of yet.
    pub(super) fresh: Vec<(u64, Waiting)>,
    /// What it has taken and not written.
    events_in_hand: usize,
    bytes_in_hand: usize,
    /// Where the task runs; none while there is no task.
    pub(super) runtime: Option<Handle>,
    /// The task, while it sleeps.
    pub(super) waker: Option<Waker>,
    /// Until when the connection is to be closed.
    pub(super) closing: Option<Instant>,
}

impl State {
    /// The task has this in hand.
    pub(super) fn in_hand(&mut self, outbox: &Outbox) {
        (self.events_in_hand, self.bytes_in_hand) = (outbox.events(), outbox.len());
    }

    /// Whether there is room for another frame.
    ///
    /// # Errors
    ///
    /// How many wait already.
    pub(super) fn admit(&self, options: &Options, what: &What, bytes: usize) -> Result<(), Refused> {
        let events = self.outbox.events() + self.events_in_hand;
        if matches!(what, What::Event(_)) && events >= options.queue {
            return Err(Refused::Full(options.queue));
        }
        let held = self.outbox.len() + self.bytes_in_hand;
        if held > 0 && held.saturating_add(bytes) > options.queue_bytes {
            return Err(Refused::TooManyBytes { held });
        }
        Ok(())
    }
}

/// Why something is not taken.
pub(super) enum Refused {
    Full(usize),
    TooManyBytes { held: usize },
    NoRuntime,
    Closed,
}

impl Refused {
    pub(super) fn into_refusal(self, shared: &Shared) -> Refusal {
        match self {
            Self::Full(bound) => Refusal::Overloaded { service: shared.options.name.to_string(), bound },
            other => Refusal::Transport { message: other.reason(shared) },
        }
    }

    pub(super) fn reason(&self, shared: &Shared) -> String {
        let name = &shared.options.name;
        match self {
            Self::Full(bound) => {
                format!("{name} has {bound} events waiting and takes no more: try again later")
            }
            Self::TooManyBytes { held } => {
                format!("{held} bytes wait to be written to {name}, which takes no more: try again later")
            }
            Self::NoRuntime => {
                format!(
                    "{name} is not connected, and there is no tokio runtime here to connect on: use it inside one first"
                )
            }
            Self::Closed => format!("the client of {name} was closed"),
        }
    }
}

impl Shared {
    pub(super) fn new(options: Arc<Options>, board: Arc<Board>, index: usize) -> Self {
        Self {
            options,
            board,
            index,
            ids: AtomicU64::new(1),
            outstanding: Arc::default(),
            state: Mutex::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // No code of the user's runs under this lock.
        self.state.lock()
    }

    pub(super) fn set_status(&self, status: TcpStatus) {
        self.board.set(self.index, status);
    }

    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closing.get_or_insert_with(|| Instant::now() + CLOSING);
        if state.runtime.is_some() {
            let waker = state.waker.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
            return;
        }
        let outbox = std::mem::take(&mut state.outbox);
        drop(state);
        self.closed(outbox);
    }

    /// The connection is closed for good, and this was not sent.
    pub(super) fn closed(&self, mut unsent: Outbox) {
        let lost = unsent.fail_events(&Refused::Closed.reason(self));
        if lost > 0 {
            tracing::warn!(
                peer = &*self.options.name,
                events = lost,
                "closed before these events were sent: they are lost"
            );
        }
        self.set_status(TcpStatus::Closed);
    }
}
