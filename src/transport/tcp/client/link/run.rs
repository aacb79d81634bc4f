//! The task of a connection: when to connect, and what becomes of what waits when there is no connection.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::super::builder::Options;
use super::super::dial::dial;
use super::super::status::TcpStatus;
use super::outbox::{Outbox, is_wanted};
use super::shared::Shared;
use super::talk::End;
use crate::supervisor::Refusal;
use crate::transport::pending::Pending;

/// A connection that has lasted so long was a good one, whatever became of it.
const GOOD: Duration = Duration::from_secs(1);

/// The connection is being closed, and there is no more time, or nothing more to do.
pub(super) struct GiveUp;

/// The task's end of a connection.
pub(super) struct Running {
    pub(super) shared: Arc<Shared>,
    /// What is being written.
    pub(super) outbox: Outbox,
    pub(super) pending: Pending,
    /// Rings when there is no more time to close in; none while nobody has closed it.
    closing: Option<Pin<Box<Sleep>>>,
    /// Attempts and connections that failed, without a good one since.
    failures: u32,
    /// An attempt has failed since there was a connection: it was said once, with a warning.
    is_cut_off: bool,
    /// The next attempt is not to be made before.
    not_before: Option<Instant>,
}

impl Running {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let pending = Pending::new(Arc::clone(&shared.outstanding));
        Self {
            shared,
            outbox: Outbox::default(),
            pending,
            closing: None,
            failures: 0,
            is_cut_off: false,
            not_before: None,
        }
    }

    fn options(&self) -> Arc<Options> {
        Arc::clone(&self.shared.options)
    }

    /// Keeps the connection until it is closed.
    pub(super) async fn run(mut self) {
        while let Ok(()) = self.connect_and_talk().await {}
    }

    async fn connect_and_talk(&mut self) -> Result<(), GiveUp> {
        poll_fn(|cx| self.poll_needed(cx)).await?;
        let is_first = self.not_before.is_none();
        self.shared.set_status(if is_first { TcpStatus::Connecting } else { TcpStatus::Reconnecting });
        if let Some(at) = self.not_before
            && Instant::now() < at
        {
            self.beside(sleep_until(at)).await?;
        }
        let options = self.options();
        match self.beside(dial(&options)).await? {
            Err(cause) => self.not_connected(&cause),
            Ok(stream) => {
                tracing::debug!(peer = &*options.name, "connected");
                self.shared.set_status(TcpStatus::Connected);
                self.is_cut_off = false;
                let since = Instant::now();
                let end = self.talk(stream).await?;
                self.disconnected(&end, since.elapsed());
            }
        }
        Ok(())
    }

    /// Ready when a connection is needed.
    fn poll_needed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GiveUp>> {
        let polled = self.poll_upkeep(cx);
        if !self.outbox.is_empty() {
            self.forget_unwanted();
        }
        if !self.outbox.is_empty() || (self.options().eager && self.closing.is_none()) {
            return Poll::Ready(Ok(()));
        }
        if self.closing.is_some() {
            return Poll::Ready(Err(GiveUp));
        }
        self.shared.set_status(TcpStatus::Disconnected);
        polled
    }

    /// Runs something while the deadlines of what waits are kept.
    async fn beside<T>(&mut self, run: impl Future<Output = T>) -> Result<T, GiveUp> {
        let mut run = pin!(run);
        poll_fn(|cx| {
            if let Poll::Ready(Err(end)) = self.poll_upkeep(cx) {
                return Poll::Ready(Err(end));
            }
            if self.is_closing() {
                self.forget_unwanted();
                if self.outbox.is_empty() {
                    return Poll::Ready(Err(GiveUp));
                }
            }
            run.as_mut().poll(cx).map(Ok)
        })
        .await
    }

    /// Looks at what callers have put here, and at the deadlines. Never ready, but to give up.
    pub(super) fn poll_upkeep(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GiveUp>> {
        self.take(cx);
        self.poll_deadlines(cx)
    }

    /// As [`poll_upkeep`](Self::poll_upkeep), where all has been taken.
    pub(super) fn poll_deadlines(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GiveUp>> {
        self.pending.poll_deadlines(cx);
        let Some(limit) = &mut self.closing else { return Poll::Pending };
        limit.as_mut().poll(cx).map(|()| Err(GiveUp))
    }

    /// Takes what callers have put here: the frames if those taken before are written, the requests in any case.
    pub(super) fn take(&mut self, cx: &Context<'_>) {
        let mut state = self.shared.lock();
        self.pending.insert_all(&mut state.fresh);
        if self.outbox.is_empty() {
            std::mem::swap(&mut self.outbox, &mut state.outbox);
            state.in_hand(&self.outbox);
        }
        if state.waker.is_none() {
            state.waker = Some(cx.waker().clone());
        }
        if let (Some(at), None) = (state.closing, &self.closing) {
            self.closing = Some(Box::pin(sleep_until(at)));
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    /// Forgets the frames that nobody wants to be sent any more: of requests that are settled, of events that were
    /// given up.
    pub(super) fn forget_unwanted(&mut self) {
        let mut state = self.shared.lock();
        self.pending.insert_all(&mut state.fresh);
        for outbox in [&mut self.outbox, &mut state.outbox] {
            outbox.retain(|what| is_wanted(what, |id| self.pending.contains(id)));
        }
        state.in_hand(&self.outbox);
    }

    /// An attempt has failed. Requests fail with it; events wait for the next.
    fn not_connected(&mut self, cause: &str) {
        self.pending.insert_all(&mut self.shared.lock().fresh);
        let requests = self.refuse_all(cause);
        self.forget_unwanted();
        let events = self.outbox.events();
        let peer = &*self.shared.options.name;
        if !std::mem::replace(&mut self.is_cut_off, true) {
            tracing::warn!(peer, cause, requests, events, "not connected");
        } else {
            tracing::debug!(peer, cause, requests, events, failures = self.failures, "not connected");
        }
        self.failed();
    }

    /// A connection is lost. What was not begun to be written goes to the next one, the rest is settled.
    fn disconnected(&mut self, End { cause, was_of_use }: &End, lasted: Duration) {
        let name = Arc::clone(&self.shared.options.name);
        let message = format!("the connection to {name} was closed: {cause}");
        let events = self.outbox.cut_off(&message);
        let unwritten: HashSet<u64> = {
            let mut state = self.shared.lock();
            self.pending.insert_all(&mut state.fresh);
            state.outbox.requests().chain(self.outbox.requests()).collect()
        };
        let requests = self.pending.refuse(&Refusal::Transport { message }, |id| unwritten.contains(&id));
        if self.is_closing() {
            tracing::debug!(peer = &*name, requests, "closed");
        } else {
            tracing::warn!(peer = &*name, cause, requests, events, "the connection is lost");
        }
        if *was_of_use || lasted >= GOOD {
            self.failures = 0;
            self.not_before = Some(Instant::now());
        } else {
            self.failed();
        }
    }

    fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.not_before = Instant::now().checked_add(self.shared.options.reconnect.delay(self.failures));
    }

    fn refuse_all(&mut self, message: &str) -> usize {
        self.pending.refuse(&Refusal::Transport { message: message.to_owned() }, |_| false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let fresh = std::mem::take(&mut state.fresh);
        // Of what was begun to be written the rest cannot be.
        let lost = self.outbox.cut_off("the runtime of the connection has ended");
        let mut unsent = std::mem::take(&mut self.outbox);
        unsent.append(std::mem::take(&mut state.outbox));
        unsent.retain(|what| is_wanted(what, |_| false));
        state.in_hand(&self.outbox);
        // Dropped when the lock is free again.
        let _ended = (state.runtime.take(), state.waker.take());
        let is_closed = state.closing.is_some();
        if !is_closed {
            // The next use sends it, from another runtime.
            state.outbox = std::mem::take(&mut unsent);
        }
        drop(state);
        let name = Arc::clone(&self.shared.options.name);
        let message = match is_closed {
            true => format!("the client of {name} was closed"),
            false => {
                format!("the runtime on which {name} was connected has ended: send it again from another")
            }
        };
        self.refuse_all(&message);
        // Not through `pending`: it would set a timer, for which it is too late.
        self.shared.outstanding.fetch_sub(fresh.len(), Ordering::Release);
        for (_, waiting) in fresh {
            waiting.ticket.refuse(Refusal::Transport { message: message.clone() });
        }
        if is_closed {
            self.shared.closed(unsent);
        } else {
            self.shared.set_status(TcpStatus::Disconnected);
        }
        if lost > 0 {
            tracing::warn!(peer = &*name, events = lost, "the connection's task has ended: an event is lost");
        }
    }
}
