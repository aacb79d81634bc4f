//! The task that publishes: one event after another, and each again until the server has it or has refused it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::context::Context;
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::ack::Ack;
use super::link::{Dial, Link, Lost, Unsent};
use super::window::{Entry, Window};
use super::{Command, Desk, closed};
use crate::dead_letter::Reason;
use crate::transport::nats::jetstream::options::Stream;
use crate::transport::nats::jetstream::stream;
use crate::transport::nats::message::encode;

/// After how long what is not confirmed is sent again over the same connection.
const RESEND: Duration = Duration::from_secs(5);

/// How long the server may take to confirm an event, while there is a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the server is left alone when it takes nothing at the moment.
const PAUSE: Duration = Duration::from_millis(250);

/// How many times an event that somebody waits for is tried again when the server takes nothing.
const TRIES: u32 = 3;

/// The first and the longest wait before a connection is made again.
const REDIAL: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(2));

/// How many commands, or acknowledgements, are taken before everything else has its turn.
const TURN: usize = 256;

/// The declared streams, to look after one that is gone.
#[derive(Clone)]
pub(crate) struct Streams {
    pub(crate) context: Context,
    pub(crate) declared: Arc<[Arc<Stream>]>,
}

pub(super) struct Task {
    desk: Arc<Desk>,
    dial: Arc<dyn Dial>,
    streams: Streams,
    link: Option<Link>,
    window: Window,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Nothing is sent before.
    pause: Option<Instant>,
    /// The server has taken nothing since it last said to try again.
    refuses: bool,
    /// When all that is unconfirmed was last sent again.
    resent: Instant,
    /// Connections that may hold what comes before this number.
    lost: VecDeque<(Lost, u64)>,
    dialing: FuturesUnordered<BoxFuture<'static, Result<Link, String>>>,
    /// The streams are being looked after.
    repair: FuturesUnordered<BoxFuture<'static, ()>>,
    redial: Duration,
    closing: Option<Instant>,
}

impl Task {
    pub(super) fn new(
        desk: Arc<Desk>,
        dial: Arc<dyn Dial>,
        streams: Streams,
        link: Link,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            desk,
            dial,
            streams,
            link: Some(link),
            window: Window::default(),
            commands,
            pause: None,
            refuses: false,
            resent: Instant::now(),
            lost: VecDeque::new(),
            dialing: FuturesUnordered::new(),
            repair: FuturesUnordered::new(),
            redial: REDIAL.0,
            closing: None,
        }
    }

    pub(super) async fn run(mut self) {
        let mut look = interval(Duration::from_secs(1));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(TURN);
        loop {
            self.send().await;
            if self.closing.is_some_and(|deadline| self.window.is_empty() || deadline <= Instant::now()) {
                break;
            }
            let more = self.link.is_some()
                && self.pause.is_none()
                && self.window.has_next(self.desk.bounds.unconfirmed);
            let (acks, lost) = match &mut self.link {
                Some(link) => (Some(&mut link.acks), Some(&mut link.lost)),
                None => (None, None),
            };
            let acked = async {
                match acks {
                    Some(acks) => acks.next().await,
                    None => std::future::pending().await,
                }
            };
            let lost = async {
                match lost {
                    Some(lost) => drop(lost.wait_for(|lost| *lost).await),
                    None => std::future::pending().await,
                }
            };
            let next = self.pause.into_iter().chain(self.closing).min();
            tokio::select! {
                biased;
                () = lost => self.lose(),
                acked = acked => {
                    self.came(acked);
                    for _ in 1..TURN {
                        let acks = self.link.as_mut().map(|link| &mut link.acks);
                        let Some(acked) = acks.and_then(|acks| acks.next().now_or_never()) else { break };
                        self.came(acked);
                    }
                }
                Some(dialled) = self.dialing.next(), if !self.dialing.is_empty() => self.dialled(dialled),
                Some(()) = self.repair.next(), if !self.repair.is_empty() => {}
                taken = self.commands.recv_many(&mut batch, TURN) => {
                    if taken == 0 {
                        break; // the node has gone, and said nothing
                    }
                    batch.drain(..).for_each(|command| self.take(command));
                }
                _ = look.tick(), if self.window.waits() => self.look(),
                () = tokio::task::yield_now(), if more => {}
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    self.pause = self.pause.filter(|pause| *pause > Instant::now());
                }
            }
        }
        self.end();
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Publish(event, waiter) => {
                self.window.push(Entry { event, waiter, sent: None, tries: 0 });
            }
            Command::Close(deadline) => self.closing = Some(deadline),
        }
    }

    /// Sends what may be sent.
    async fn send(&mut self) {
        if self.pause.is_some() {
            return;
        }
        // The acknowledgements must not wait for too long.
        for _ in 0..TURN {
            let Some(link) = &self.link else { return };
            if *link.lost.borrow() {
                return self.lose();
            }
            let Some((number, entry)) = self.window.next(self.desk.bounds.unconfirmed) else { return };
            if entry.waiter.as_ref().is_some_and(|waiter| !waiter.sends()) {
                self.finish(number);
                continue;
            }
            let (subject, mut headers, payload) = match encode(&entry.event, &self.desk.node) {
                Ok(message) => message,
                Err(unsendable) => {
                    self.fail(number, unsendable.reason, unsendable.message);
                    continue;
                }
            };
            headers.insert(NATS_MESSAGE_ID, entry.event.metadata().id().to_string());
            entry.sent.get_or_insert_with(Instant::now);
            match link.send(number, subject, headers, payload).await {
                Ok(()) => {}
                Err(Unsent::Lost) => return self.lose(),
                Err(Unsent::Refused(problem)) => self.fail(number, Reason::Unreachable, problem),
            }
        }
    }

    /// An acknowledgement, or the end of the connection.
    fn came(&mut self, acked: Option<async_nats::Message>) {
        match acked {
            Some(message) => self.acked(&message),
            None => self.lose(),
        }
    }

    fn acked(&mut self, message: &async_nats::Message) {
        let number = message.subject.rsplit('.').next().and_then(|number| number.parse().ok());
        let Some(number) = number else { return };
        match Ack::read(message) {
            Ack::Stored => {
                self.refuses = false;
                if let Some(waiter) = self.finish(number).and_then(|entry| entry.waiter) {
                    waiter.tell(Ok(()));
                }
            }
            Ack::Refused(problem) => {
                self.fail(number, Reason::Unreachable, format!("the broker refused it: {problem}"));
            }
            Ack::Later(problem) => {
                let Some(entry) = self.window.get_mut(number) else { return };
                entry.tries += 1;
                let late = match &entry.waiter {
                    Some(_) => entry.tries > TRIES,
                    None => entry.sent.is_some_and(|sent| sent.elapsed() >= PATIENCE),
                };
                if late {
                    self.fail(number, Reason::Unreachable, problem);
                } else {
                    self.later(&problem);
                }
            }
        }
    }

    /// Sends all that is unconfirmed again, in a while; looks after the streams meanwhile.
    fn later(&mut self, problem: &str) {
        if self.pause.is_some() {
            return;
        }
        self.pause = Some(Instant::now() + PAUSE);
        self.window.rewind();
        if !self.repair.is_empty() {
            return;
        }
        if !std::mem::replace(&mut self.refuses, true) {
            tracing::warn!(
                problem,
                "the broker does not take events at the moment; they are published again"
            );
        }
        let Streams { context, declared } = self.streams.clone();
        self.repair.push(
            async move {
                for stream in declared.iter() {
                    if let Err(error) = stream::ensure(&context, stream).await {
                        tracing::error!(stream = stream.name, %error, "a durable stream cannot be used");
                    }
                }
            }
            .boxed(),
        );
    }

    /// Looks whether the server has left something unanswered.
    fn look(&mut self) {
        let now = Instant::now();
        if let Some(limit) = now.checked_sub(PATIENCE) {
            for number in self.window.older_than(limit) {
                let problem = format!("the broker has not confirmed it within {PATIENCE:?}; it may be there");
                self.fail(number, Reason::Unreachable, problem);
            }
        }
        let overdue = now.checked_sub(RESEND).is_some_and(|limit| !self.window.older_than(limit).is_empty());
        if overdue && self.resent.elapsed() >= RESEND {
            self.resent = now;
            self.window.rewind();
        }
    }

    // ---- the connection

    fn lose(&mut self) {
        let Some(link) = self.link.take() else { return };
        self.lost.push_back((link.lose(), self.window.end()));
        self.window.forget_sent();
        self.pause = None;
        tracing::debug!("the connection for publishing is lost");
        self.dial(Duration::ZERO);
    }

    fn dial(&mut self, wait: Duration) {
        let dial = Arc::clone(&self.dial);
        self.dialing.push(
            async move {
                tokio::time::sleep(wait).await;
                Link::new(&*dial).await
            }
            .boxed(),
        );
    }

    fn dialled(&mut self, dialled: Result<Link, String>) {
        match dialled {
            Ok(link) => {
                tracing::debug!("the connection for publishing is there again");
                self.redial = REDIAL.0;
                self.link = Some(link);
            }
            Err(problem) => {
                tracing::debug!(problem, "the connection for publishing cannot be made");
                let wait = self.redial;
                self.redial = (wait * 2).min(REDIAL.1);
                self.dial(wait);
            }
        }
    }

    // ---- the ends of an event

    fn finish(&mut self, number: u64) -> Option<Entry> {
        let entry = self.window.take(number)?;
        self.desk.done();
        while self.lost.front().is_some_and(|(_, end)| *end <= self.window.start()) {
            if let Some((lost, _)) = self.lost.pop_front() {
                lost.retire();
            }
        }
        Some(entry)
    }

    fn fail(&mut self, number: u64, reason: Reason, problem: String) {
        if let Some(Entry { event, waiter, .. }) = self.finish(number) {
            self.desk.fail(event, waiter, reason, problem);
        }
    }

    fn end(&mut self) {
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            self.take(command);
        }
        for Entry { event, waiter, .. } in self.window.drain() {
            self.desk.done();
            self.desk.fail(event, waiter, Reason::Unreachable, closed());
        }
        while let Some((lost, _)) = self.lost.pop_front() {
            lost.retire();
        }
    }
}

impl Drop for Task {
    /// The runtime drops it, or it has ended.
    fn drop(&mut self) {
        self.end();
    }
}
