//! The task of the inbox: gives each answer to whom it belongs, and keeps the deadlines.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use async_nats::{Message, StatusCode, Subscriber};
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use serde_json::value::RawValue;

use super::super::link::Link;
use super::super::message::text;
use super::calls::Lost;
use crate::peer::Answer;
use crate::supervisor::Refusal;
use crate::transport::answer::of_outcome;
use crate::transport::pending::Pending;
use crate::transport::ticket::Ticket;
use crate::wire::Reply;

/// How many answers are taken before the thread's other tasks have their turn.
const TURN: usize = 256;

/// How far the reader of a stream may be behind: a server of NATS cannot be held back for it.
const BEHIND_ITEMS: usize = 65_536;
const BEHIND_BYTES: usize = 64 * 1024 * 1024;

/// The inbox of a node.
pub(in crate::transport::nats) struct Inbox {
    link: Arc<Link>,
    messages: Subscriber,
    pending: Pending,
}

impl Inbox {
    /// Subscribes to the inbox.
    ///
    /// # Errors
    ///
    /// If the client has ended.
    pub(in crate::transport::nats) async fn new(link: &Arc<Link>) -> Result<Self, String> {
        let subject = format!("{}.*", link.calls.inbox);
        let messages = link.client.subscribe(subject).await.map_err(|error| error.to_string())?;
        let pending = Pending::new(Arc::clone(&link.calls.outstanding));
        Ok(Self { link: Arc::clone(link), messages, pending })
    }

    /// Gives out answers until there are none any more.
    pub(in crate::transport::nats) async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..TURN {
            if self.take_fresh(cx).is_ready() {
                return Poll::Ready(());
            }
            match self.messages.poll_next_unpin(cx) {
                Poll::Ready(Some(message)) => self.answer(&message),
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => {
                    self.pending.poll_deadlines(cx);
                    let mut state = self.link.calls.lock();
                    state.looks = self.pending.is_watching();
                    // Whoever has come meanwhile has not woken this.
                    if !state.fresh.is_empty() && !state.looks {
                        drop(state);
                        continue;
                    }
                    return Poll::Pending;
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes what callers have left; ready when all is over.
    fn take_fresh(&mut self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.link.calls.lock();
        if state.waker.is_none() {
            state.waker = Some(cx.waker().clone());
        }
        if state.fresh.is_empty() && state.lost.is_none() && state.closed.is_none() {
            return Poll::Pending;
        }
        let mut fresh = std::mem::take(&mut state.fresh);
        let (lost, closed) = (state.lost.take(), state.closed.clone());
        drop(state);
        if let Some(Lost { refusal, fresh: before, kept }) = lost {
            let mut after = fresh.split_off(before.min(fresh.len()));
            self.pending.insert_all(&mut fresh);
            let calls = self.pending.refuse(&refusal, |id| kept.contains(&id));
            tracing::debug!(server = &*self.link.server, calls, "requests were not answered");
            self.pending.insert_all(&mut after);
        }
        self.pending.insert_all(&mut fresh);
        match closed {
            Some(refusal) => {
                self.pending.refuse(&refusal, |_| false);
                Poll::Ready(())
            }
            None => Poll::Pending,
        }
    }

    fn answer(&mut self, message: &Message) {
        let token = message.subject.rsplit('.').next().unwrap_or_default();
        let Ok(id) = token.parse() else { return };
        // Its caller may have left it a moment ago.
        if !self.pending.contains(id) {
            let mut fresh = std::mem::take(&mut self.link.calls.lock().fresh);
            self.pending.insert_all(&mut fresh);
        }
        if !self.pending.is_awaited(id) {
            self.pending.remove(id);
            return self.unwanted(message, token);
        }
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return self.settle(id, Answer::NoHandler);
        }
        let body = text(&message.payload);
        if body.is_empty() {
            return self.settle(id, Answer::End);
        }
        match read(&body, token) {
            Ok(None) => tracing::debug!(token, "an answer to another request was passed over"),
            Ok(Some(answer @ Answer::Item(_))) if self.pending.is_stream(id) => {
                if let Some(ticket) = self.pending.begun(id) {
                    item(ticket, answer, message.payload.len(), &self.link.server);
                }
            }
            Ok(Some(answer)) => self.settle(id, answer),
            Err(problem) => {
                if let Some(ticket) = self.pending.remove(id) {
                    ticket.refuse(Refusal::Decode { message: format!("the reply: {problem}") });
                }
            }
        }
    }

    /// Tells the service of a stream that goes on without its reader.
    fn unwanted(&self, message: &Message, token: &str) {
        let Some(reply) = &message.reply else { return };
        if let Ok(Some(Answer::Item(_))) = read(&text(&message.payload), token) {
            // If the client has no room for it now, a later item comes here too.
            let _ = self.link.client.publish(reply.clone(), Bytes::new()).now_or_never();
        }
    }

    fn settle(&mut self, id: u64, answer: Answer<'_>) {
        // One that nobody waits for any more may still be answered.
        if let Some(ticket) = self.pending.remove(id) {
            ticket.answer(answer);
        }
    }
}

/// Gives a stream's reader an item, unless that is too far behind.
fn item(ticket: &Ticket, answer: Answer<'_>, bytes: usize, server: &str) {
    ticket.item(answer);
    let waiting = ticket.waiting();
    if waiting > BEHIND_ITEMS || waiting.saturating_mul(bytes) > BEHIND_BYTES {
        let message = format!(
            "{waiting} items came from {server} that the stream's reader has not read, and it cannot be held back"
        );
        ticket.fail(Refusal::Transport { message });
    }
}

/// What an answer means; none if it has another request's id. As NestJS has it, JSON that is no reply is the value.
fn read<'a>(body: &'a str, token: &str) -> Result<Option<Answer<'a>>, String> {
    let reply = Reply::read(body).map_err(|error| error.to_string())?;
    let is_reply = reply.id.is_some()
        || reply.err.is_some()
        || reply.response.is_some()
        || reply.status.is_some()
        || reply.is_disposed;
    if !is_reply {
        let value: &RawValue = serde_json::from_str(body).map_err(|error| error.to_string())?;
        return Ok(Some(Answer::Last(Some(value))));
    }
    let is_ours = reply.id.is_none_or(|id| id.get().trim_matches('"') == token);
    Ok(is_ours.then(|| of_outcome(reply.outcome())))
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut state = self.link.calls.lock();
        let fresh = std::mem::take(&mut state.fresh);
        let message = "the runtime of the connection has ended".to_owned();
        let refusal = state.closed.get_or_insert(Refusal::Transport { message }).clone();
        let _ended = state.waker.take();
        drop(state);
        self.pending.refuse(&refusal, |_| false);
        // Not through `pending`: it would set a timer, for which it is too late.
        self.link.calls.outstanding.fetch_sub(fresh.len(), Ordering::Release);
        for (_, waiting) in fresh {
            waiting.ticket.refuse(refusal.clone());
        }
    }
}
