//! The server's side: the node's message patterns on their subjects.
//!
//! | file | what it says |
//! |---|---|
//! | `packets` | what a message asks for, and how it is answered |
//! | `left` | streams whose reader has gone |

mod left;
mod packets;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::Client;
use async_nats::message::OutboundMessage;
use futures::stream::SelectAll;
use futures::{FutureExt, Sink, Stream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::discovery::Count;
use super::link::Link;
use super::subject::{group, subject_of};
use super::tagged::Tagged;
use crate::client::Core;
use crate::pattern::Route;
use crate::transport::replies::{Ready, Replies};
use left::Left;
use packets::{Desk, To};

/// How many messages are taken, and how many parts of answers, before the thread's other tasks have their turn.
const MESSAGES: usize = 128;
const PARTS: usize = 1_024;

/// How many bytes the bodies of the requests in flight may take.
const IN_FLIGHT: usize = 64 * 1024 * 1024;

/// A message pattern that is served.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) route: Route,
    pub(super) service: Arc<str>,
    /// Its place in the route table.
    destination: usize,
    pub(super) count: Count,
}

/// Requests are served until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    ready: Arc<Ready>,
    /// All message patterns.
    pub(super) served: Vec<Arc<Served>>,
    /// Asks the task to take nothing more.
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves the node's message patterns.
    ///
    /// # Errors
    ///
    /// If the client has ended.
    pub(super) async fn start(link: &Arc<Link>, core: &Arc<Core>) -> Result<Self, String> {
        let mut requests = SelectAll::new();
        let mut all = Vec::new();
        for (route, destination) in core.routes.all_served() {
            let group = group(&core.name, &destination.inbox.service);
            let subscriber = link.client.queue_subscribe(subject_of(route)?, group).await;
            let served = Arc::new(Served {
                route: route.clone(),
                service: Arc::clone(&destination.inbox.service),
                destination: destination.id,
                count: Count::default(),
            });
            all.push(Arc::clone(&served));
            requests.push(Tagged::new(served, subscriber.map_err(|error| error.to_string())?));
        }
        let left = Left::subscribe(&link.client).await?;
        let ready = Arc::new(Ready::default());
        let (stop, stopped) = oneshot::channel();
        let task = Serving {
            link: Arc::clone(link),
            core: Arc::clone(core),
            requests,
            left,
            replies: Replies::new(Arc::clone(&ready)),
            ready: Arc::clone(&ready),
            out: link.client.clone(),
            at_once: Vec::new(),
            taken: 0,
            json: Vec::new(),
            stopped,
        };
        Ok(Self { ready, served: all, stop: Some(stop), task: actix_rt::spawn(task.run()) })
    }

    /// Takes no further requests. What has come is answered.
    pub(super) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits until all that has come is answered; false if that takes longer.
    pub(super) async fn answered(&mut self, limit: Duration) -> bool {
        self.task.is_finished() || tokio::time::timeout(limit, &mut self.task).await.is_ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ready.abort();
        self.task.abort();
    }
}

struct Serving {
    link: Arc<Link>,
    core: Arc<Core>,
    requests: SelectAll<Tagged<Served>>,
    left: Left,
    replies: Replies<To>,
    ready: Arc<Ready>,
    out: Client,
    /// Answers that needed no handler.
    at_once: Vec<OutboundMessage>,
    taken: u64,
    /// One part of an answer.
    json: Vec<u8>,
    /// Nothing more is to be taken.
    stopped: oneshot::Receiver<()>,
}

impl Serving {
    async fn run(mut self) {
        let is_stopped = poll_fn(|cx| match self.stopped.poll_unpin(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending => self.poll(cx).map(|()| false),
        });
        if !is_stopped.await {
            return;
        }
        for subscription in self.requests.iter_mut() {
            subscription.drain().await;
        }
        poll_fn(|cx| self.poll(cx)).await;
    }

    /// Ready when nothing more comes and all is answered.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.ready.set_waker(cx.waker());
        if self.ready.is_aborted() {
            return Poll::Ready(());
        }
        while let Poll::Ready(Some((reader, word))) = self.left.poll_next(cx) {
            let Self { replies, at_once, .. } = self;
            replies.end(reader.slot, |to| to.ends(reader, word, at_once));
        }
        let (mut parts, mut messages) = (PARTS, MESSAGES);
        loop {
            let is_blocked = self.answer(&mut parts, cx);
            if parts == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if is_blocked {
                return Poll::Pending;
            }
            let before = messages;
            let ended = loop {
                if messages == 0 {
                    break false;
                }
                match Pin::new(&mut self.requests).poll_next(cx) {
                    Poll::Ready(Some((served, message))) => {
                        messages -= 1;
                        let is_full = self.replies.len() >= self.link.limits.in_flight
                            || self.replies.bytes() >= IN_FLIGHT;
                        let Self { core, link, replies, at_once, taken, .. } = self;
                        let desk = &mut Desk { core, link, replies, at_once, taken, is_full };
                        packets::take(message, &served, desk);
                    }
                    Poll::Ready(None) => break true,
                    Poll::Pending => break false,
                }
            };
            if messages < before {
                // What has just been asked for is waited for from its first poll on.
                if messages > 0 {
                    continue;
                }
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let is_done = ended && self.replies.is_empty() && self.at_once.is_empty();
            return if is_done { Poll::Ready(()) } else { Poll::Pending };
        }
    }

    /// Sends the answers that are there; true if the client takes no more.
    fn answer(&mut self, parts: &mut usize, cx: &mut Context<'_>) -> bool {
        while *parts > 0 {
            match Pin::new(&mut self.out).poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                // The client has ended, and nobody hears an answer.
                Poll::Ready(Err(_)) => {
                    self.replies.clear();
                    self.at_once.clear();
                    return false;
                }
                Poll::Pending => return true,
            }
            *parts -= 1;
            let mut reply = self.at_once.pop();
            if reply.is_none() {
                let Self { replies, json, core, link, left, .. } = self;
                let polled = replies.poll(json, |json, answered| {
                    let (message, goes_on) = packets::reply(json, answered, core, link, left);
                    reply = message;
                    goes_on
                });
                if polled.is_pending() {
                    return false;
                }
            }
            if let Some(reply) = reply {
                // Its size has been looked at.
                let _ = Pin::new(&mut self.out).start_send(reply);
            }
        }
        false
    }
}
