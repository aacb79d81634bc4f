//! One connection to a peer: what callers put into it, and the task that keeps it.
//!
//! | file | what it says |
//! |---|---|
//! | `mod` | the callers' end |
//! | `shared` | what callers and the task share, under one lock |
//! | `outbox` | frames that wait to be written |
//! | `run` | the task: when to connect, and what becomes of what waits when there is no connection |
//! | `talk` | the task while there is a connection |

mod outbox;
mod run;
mod shared;
mod talk;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Handle;

use super::builder::Options;
use super::encode;
use super::status::Board;
use crate::peer::Outgoing;
use crate::supervisor::{Deadline, Refusal};
use crate::transport::pending::Waiting;
use crate::transport::ticket::Ticket;
pub(super) use outbox::Handed;
use outbox::What;
use run::Running;
use shared::{Refused, Shared};

/// How long a client that is closed or dropped tries to write what is queued.
pub(super) const CLOSING: Duration = Duration::from_secs(5);

/// The callers' end of a connection. Dropping it closes the connection when what is queued has been written.
pub(super) struct Link {
    shared: Arc<Shared>,
}

impl Link {
    pub(super) fn new(options: Arc<Options>, board: Arc<Board>, index: usize) -> Self {
        Self { shared: Arc::new(Shared::new(options, board, index)) }
    }

    /// Connects now, if it can.
    pub(super) fn start(&self) {
        if let Err(refused) = self.put(|_| {}) {
            tracing::debug!(
                peer = &*self.shared.options.name,
                reason = refused.reason(&self.shared),
                "not connected yet"
            );
        }
    }

    /// Puts a request into it.
    ///
    /// # Errors
    ///
    /// If it has as many as it may, if there is no runtime to connect on, if the client was closed, or if the payload
    /// cannot be serialised.
    pub(super) fn request(
        &self,
        call: Arc<dyn Outgoing>,
        deadline: Deadline,
        after: Duration,
    ) -> Result<(), Refusal> {
        let shared = &*self.shared;
        let bound = shared.options.queue;
        if shared.outstanding.fetch_add(1, Ordering::Acquire) >= bound {
            shared.outstanding.fetch_sub(1, Ordering::Release);
            return Err(Refused::Full(bound).into_refusal(shared));
        }
        let id = shared.ids.fetch_add(1, Ordering::Relaxed);
        let sent = encode::with_scratch(|frame| {
            encode::request(frame, &*call, id)?;
            let mut waiting = Some(Waiting { ticket: Ticket::new(call), deadline, after });
            self.put_frame(frame, What::Request(id), &mut waiting)
                .map_err(|refused| refused.into_refusal(shared))
        });
        if sent.is_err() {
            shared.outstanding.fetch_sub(1, Ordering::Release);
        }
        sent
    }

    /// Puts the frame of an event into it. It is handed to the socket in the order in which events are put here.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    pub(super) fn event(&self, frame: &[u8], handed: Option<Handed>) -> Result<(), String> {
        self.put_frame(frame, What::Event(handed), &mut None).map_err(|refused| refused.reason(&self.shared))
    }

    /// Takes what waits for the frame, unless it is refused.
    fn put_frame(&self, frame: &[u8], what: What, waiting: &mut Option<Waiting>) -> Result<(), Refused> {
        self.put(|state| {
            state.admit(&self.shared.options, &what, frame.len())?;
            if let What::Request(id) = what
                && let Some(waiting) = waiting.take()
            {
                state.fresh.push((id, waiting));
            }
            state.outbox.push(frame, what);
            Ok(())
        })?
    }

    /// Changes what is shared with the task, and sees that there is a task and that it looks.
    fn put<R>(&self, change: impl FnOnce(&mut shared::State) -> R) -> Result<R, Refused> {
        let shared = &self.shared;
        let mut state = shared.lock();
        if state.closing.is_some() {
            return Err(Refused::Closed);
        }
        let spawn_on = match &state.runtime {
            Some(_) => None,
            None => Some(Handle::try_current().map_err(|_| Refused::NoRuntime)?),
        };
        let result = change(&mut state);
        let waker = state.waker.take();
        state.runtime = spawn_on.clone().or(state.runtime.take());
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        if let Some(runtime) = spawn_on {
            // Not under the lock: a runtime that is about to end drops the task here and now.
            runtime.spawn(Running::new(Arc::clone(shared)).run());
        }
        Ok(result)
    }

    /// A runtime for the connection of a stream: the current one, or else that of this connection.
    ///
    /// # Errors
    ///
    /// If there is none, or the client was closed.
    pub(super) fn runtime(&self) -> Result<Handle, Refusal> {
        let state = self.shared.lock();
        let runtime = match (state.closing, Handle::try_current(), &state.runtime) {
            (Some(_), ..) => Err(Refused::Closed),
            (None, Ok(runtime), _) => Ok(runtime),
            (None, Err(_), Some(runtime)) => Ok(runtime.clone()),
            (None, Err(_), None) => Err(Refused::NoRuntime),
        };
        drop(state);
        runtime.map_err(|refused| refused.into_refusal(&self.shared))
    }

    /// Takes nothing more, writes what is queued, as far as `CLOSING` allows, and closes.
    pub(super) fn close(&self) {
        self.shared.close();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}
