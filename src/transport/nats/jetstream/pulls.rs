//! Asks a consumer for messages: for as many as there is room.

use std::time::Duration;

use async_nats::{Client, Message, Subject};
use serde_json::json;
use tokio::time::Instant;

use super::consumer::Feed;

/// How long the server keeps a request for messages.
const EXPIRES: Duration = Duration::from_secs(30);

/// How often the server gives a sign of life while it keeps one.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// After how long a silence requests are taken for lost.
const SILENCE: Duration = Duration::from_millis(12_500);

/// How many messages are asked for at once where the server delivers them one at a time.
const ONE_AT_A_TIME: usize = 32;

/// What a message without a payload of its own says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Status {
    /// Requests go on, or have ended and are made again.
    Fine,
    /// The consumer is not there.
    Gone(String),
}

#[derive(Debug)]
pub(super) struct Pulls {
    subject: String,
    inbox: Subject,
    /// How many messages may be asked for and held together.
    limit: usize,
    /// How many are asked for and have not come.
    outstanding: usize,
    heard: Instant,
    /// Nothing is asked for before.
    pause: Option<Instant>,
}

impl Pulls {
    pub(super) fn new(feed: &Feed, inbox: Subject) -> Self {
        let limit = if feed.is_ordered() { ONE_AT_A_TIME } else { feed.prefetch() };
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", feed.stream.name, feed.consumer);
        Self { subject, inbox, limit, outstanding: 0, heard: Instant::now(), pause: None }
    }

    /// Asks for more, if there is room for a good part of what may be held.
    pub(super) async fn ask(&mut self, client: &Client, held: usize) {
        let room = self.limit.saturating_sub(held.saturating_add(self.outstanding));
        if room < self.limit.div_ceil(2) || self.pause.is_some_and(|pause| pause > Instant::now()) {
            return;
        }
        self.pause = None;
        if self.outstanding == 0 {
            self.heard = Instant::now();
        }
        let request = json!({
            "batch": room,
            "expires": nanoseconds(EXPIRES),
            "idle_heartbeat": nanoseconds(HEARTBEAT),
        });
        let request = request.to_string().into();
        match client.publish_with_reply(self.subject.clone(), self.inbox.clone(), request).await {
            Ok(()) => self.outstanding += room,
            // The client has been closed, and whoever did that ends this too.
            Err(_) => self.wait(HEARTBEAT),
        }
    }

    /// A message has come.
    pub(super) fn came(&mut self) {
        self.heard = Instant::now();
        self.outstanding = self.outstanding.saturating_sub(1);
    }

    /// Something else than a message has come.
    pub(super) fn said(&mut self, message: &Message) -> Status {
        self.heard = Instant::now();
        let code = message.status.map_or(0, |status| status.as_u16());
        if code == 100 {
            return Status::Fine;
        }
        let header = message.headers.as_ref().and_then(|headers| headers.get("Nats-Pending-Messages"));
        let left = header.and_then(|left| left.as_str().parse::<usize>().ok());
        // What does not say how much was left of a request says that all have ended.
        self.outstanding = left.map_or(0, |left| self.outstanding.saturating_sub(left));
        let description = message.description.as_deref().unwrap_or_default();
        match code {
            503 => Status::Gone("nobody answers for it".to_owned()),
            409 if description.contains("Deleted") || description.contains("push based") => {
                Status::Gone(description.to_owned())
            }
            _ => Status::Fine,
        }
    }

    /// The server has forgotten what was asked for.
    pub(super) fn forget(&mut self) {
        self.outstanding = 0;
        self.pause = None;
    }

    /// Asks for nothing for a while.
    pub(super) fn wait(&mut self, pause: Duration) {
        self.outstanding = 0;
        self.pause = Some(Instant::now() + pause);
    }

    /// When [`look`](Self::look) has something to look at.
    pub(super) fn look_at(&self) -> Instant {
        self.pause.unwrap_or(self.heard + SILENCE)
    }

    /// Takes what was asked for as lost after a long silence.
    pub(super) fn look(&mut self) {
        if self.heard.elapsed() >= SILENCE {
            self.heard = Instant::now();
            self.outstanding = 0;
        }
        self.pause = self.pause.filter(|pause| *pause > Instant::now());
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
