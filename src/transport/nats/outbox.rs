//! What is on its way to the server. Whoever sends hands it straight to NATS's client while that has room and there is a
//! connection. Else it waits here, in order and up to a bound: so it can still be told what has become of it.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_nats::message::OutboundMessage;
use async_nats::{Client, PublishError};
use futures::Sink;
use parking_lot::{Mutex, MutexGuard};

use super::client::Confirming;
use super::options::Limits;
use crate::event::SharedEvent;
use crate::supervisor::AnyCall;

/// How many messages are handed over before the thread's other tasks have their turn.
const TURN: usize = 256;

/// What a message is.
pub(super) enum What {
    /// A request, whose call waits elsewhere.
    Request,
    /// An event, which becomes a dead letter if it cannot be sent.
    Event(SharedEvent),
    /// An event that somebody waits for, and which is not sent when nobody does any more.
    Awaited(Arc<Confirming>),
    /// The message by which it is known that all before it is there.
    Ping(Arc<Confirming>),
}

impl What {
    /// Whether nobody wants it to be sent any more.
    fn is_unwanted(&self) -> bool {
        match self {
            Self::Awaited(call) | Self::Ping(call) => call.is_settled(),
            Self::Request | Self::Event(_) => false,
        }
    }

    /// Whether it waits for a connection where there is none.
    fn waits(&self) -> bool {
        !matches!(self, Self::Request)
    }
}

/// Why a message is not taken.
pub(super) enum Refused {
    Away,
    Full { events: usize },
    TooManyBytes { held: usize },
    TooLarge { size: usize, limit: usize },
    Closed,
}

impl Refused {
    pub(super) fn reason(&self, server: &str) -> String {
        match self {
            Self::Away => format!("there is no connection to {server}"),
            Self::Full { events } => {
                format!(
                    "{events} events wait for {server} already, and it takes no more: see `buffered_events`"
                )
            }
            Self::TooManyBytes { held } => {
                format!("events of {held} bytes wait for {server} already: see `buffered_bytes`")
            }
            Self::TooLarge { size, limit } => {
                format!("its message has {size} bytes, and {server} takes {limit} (its `max_payload`)")
            }
            Self::Closed => format!("the connection to {server} has been closed for good"),
        }
    }
}

struct Queued {
    message: OutboundMessage,
    what: What,
    bytes: usize,
}

struct State {
    client: Client,
    away: bool,
    closed: bool,
    queue: VecDeque<Queued>,
    bytes: usize,
    /// The task that hands over what waits.
    pump: Option<Waker>,
    /// Waits until nothing does.
    emptied: Option<Waker>,
}

pub(super) struct Outbox {
    limits: Limits,
    state: Mutex<State>,
}

impl Outbox {
    pub(super) fn new(client: Client, limits: Limits) -> Self {
        let state = State {
            client,
            away: false,
            closed: false,
            queue: VecDeque::new(),
            bytes: 0,
            pump: None,
            emptied: None,
        };
        Self { limits, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of the user's runs under this lock.
        self.state.lock()
    }

    /// Sends a message, or lets it wait.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    pub(super) fn put(&self, message: OutboundMessage, what: What) -> Result<(), (Refused, What)> {
        let bytes = size(&message);
        let mut state = self.lock();
        let limit = state.client.max_payload();
        if bytes > limit {
            return Err((Refused::TooLarge { size: bytes, limit }, what));
        }
        if state.closed {
            return Err((Refused::Closed, what));
        }
        if state.away && !what.waits() {
            return Err((Refused::Away, what));
        }
        if !state.away && state.queue.is_empty() {
            match state.poll_ready(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(())) => {
                    let sent = Pin::new(&mut state.client).start_send(message);
                    drop(state);
                    return sent.map_err(|_| (Refused::Closed, what));
                }
                Poll::Ready(Err(_)) => return Err((Refused::Closed, what)),
                Poll::Pending => {}
            }
        }
        if what.waits() && state.queue.len() >= self.limits.events {
            return Err((Refused::Full { events: state.queue.len() }, what));
        }
        if state.bytes > 0 && state.bytes + bytes > self.limits.bytes {
            return Err((Refused::TooManyBytes { held: state.bytes }, what));
        }
        state.bytes += bytes;
        state.queue.push_back(Queued { message, what, bytes });
        let pump = state.pump.take();
        drop(state);
        if let Some(pump) = pump {
            pump.wake();
        }
        Ok(())
    }

    /// Hands over what waits; never ready, but for good. What the server does not take after all is given to `failed`.
    pub(super) fn poll_pump(&self, cx: &mut Context<'_>, mut failed: impl FnMut(What, &str)) -> Poll<()> {
        // Dropped when the lock is free again: that runs code of the user's.
        let mut done = Vec::new();
        let mut refused = Vec::new();
        let mut state = self.lock();
        let mut left = TURN;
        let polled = loop {
            if state.closed {
                break Poll::Ready(());
            }
            if state.away {
                break Poll::Pending;
            }
            let Some(front) = state.queue.front() else { break Poll::Pending };
            if front.what.is_unwanted() {
                done.extend(state.pop().map(|queued| queued.what));
                continue;
            }
            if left == 0 {
                cx.waker().wake_by_ref();
                break Poll::Pending;
            }
            left -= 1;
            match state.poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => break Poll::Ready(()),
                Poll::Pending => break Poll::Pending,
            }
            if let Some(Queued { message, what, .. }) = state.pop() {
                match Pin::new(&mut state.client).start_send(message) {
                    Ok(()) => done.push(what),
                    Err(error) => refused.push((what, error)),
                }
            }
        };
        if state.pump.as_ref().is_none_or(|known| !known.will_wake(cx.waker())) {
            state.pump = Some(cx.waker().clone());
        }
        let emptied = if state.queue.is_empty() { state.emptied.take() } else { None };
        drop(state);
        if let Some(emptied) = emptied {
            emptied.wake();
        }
        for (what, error) in refused {
            failed(what, &said(&error));
        }
        drop(done);
        polled
    }

    /// There is a connection, or there is none. Then requests are forgotten that wait here, and the ids of those calls
    /// are returned that go on waiting.
    pub(super) fn set_away(&self, away: bool) -> HashSet<u64> {
        let mut state = self.lock();
        state.away = away;
        if away {
            let requests: Vec<_> = {
                let (kept, requests) =
                    std::mem::take(&mut state.queue).into_iter().partition(|it| it.what.waits());
                state.queue = kept;
                VecDeque::into(requests)
            };
            state.bytes = state.queue.iter().map(|queued| queued.bytes).sum();
            let waiting = state.queue.iter().filter_map(|queued| match &queued.what {
                What::Ping(call) => Some(call.id()),
                _ => None,
            });
            let waiting = waiting.collect();
            drop(state);
            drop(requests);
            return waiting;
        }
        let pump = state.pump.take();
        drop(state);
        if let Some(pump) = pump {
            pump.wake();
        }
        HashSet::new()
    }

    pub(super) fn is_away(&self) -> bool {
        self.lock().away
    }

    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.lock().queue.len()
    }

    /// Ready when nothing waits.
    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.queue.is_empty() {
            return Poll::Ready(());
        }
        state.emptied = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Takes nothing more, and gives back what was not sent.
    pub(super) fn close(&self) -> Vec<What> {
        let mut state = self.lock();
        state.closed = true;
        let queue = std::mem::take(&mut state.queue);
        let wakers = [state.pump.take(), state.emptied.take()];
        drop(state);
        wakers.into_iter().flatten().for_each(Waker::wake);
        queue.into_iter().map(|queued| queued.what).collect()
    }
}

impl State {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        Pin::new(&mut self.client).poll_ready(cx)
    }

    fn pop(&mut self) -> Option<Queued> {
        let queued = self.queue.pop_front()?;
        self.bytes -= queued.bytes;
        Some(queued)
    }
}

fn said(error: &PublishError) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

/// What a server counts of a message against its `max_payload`: the headers and the body.
pub(super) fn size(message: &OutboundMessage) -> usize {
    let headers = message.headers.as_ref().filter(|headers| !headers.is_empty()).map_or(0, |headers| {
        let lines = headers.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let text = |it: &dyn AsRef<[u8]>| it.as_ref().len();
        "NATS/1.0\r\n\r\n".len()
            + lines.map(|(name, value)| text(name) + text(value) + ": \r\n".len()).sum::<usize>()
    });
    headers + message.payload.len()
}
