//! Feeds one lane from its durable consumer: takes as much from the broker as the lane has room for, and answers for each
//! message when it has ended.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Subject, Subscriber};
use futures::future::BoxFuture;
use futures::stream::{FuturesOrdered, FuturesUnordered};
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::consumer::{Fed, Feed};
use super::delivery::{Answer, Delivered, with_id};
use super::held::{Ending, Held};
use super::pulls::{Pulls, Status};
use super::resume::Resumes;
use super::{Shared, stopped, stream};
use crate::dead_letter::{Failure, Reason, StoreError};
use crate::event::SharedEvent;
use crate::supervisor::{Arrival, BrokerReceipt, Confirm, Settlement, Settlements};
use crate::transport::nats::message::{Misfit, decode};

/// How long the store of dead letters is left alone after it has failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// How long a consumer that is not there is left alone at first, and at most.
const REPAIR_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_REPAIR_PAUSE: Duration = Duration::from_secs(10);

/// How many messages are taken before everything else has its turn.
const TURN: usize = 64;

/// How many final answers are given again after a lost connection.
const REPEATED: usize = 256;

/// A held message, and for each subscription that wants it whether that has handled it before.
type Known = (usize, Vec<(u32, bool)>);

/// One lane's feeder.
pub(super) struct Lane {
    shared: Arc<Shared>,
    feed: Feed,
    subscriber: Subscriber,
    /// The subscriber has not come to its end.
    listens: bool,
    pulls: Pulls,
    held: Held,
    resumes: Resumes,
    teller: mpsc::UnboundedSender<(u64, Settlement)>,
    settlements: Settlements,
    /// For events that wait for room in the lane.
    confirm: Arc<Confirm>,
    /// Which of its subscriptions have handled a message before; in the order in which the messages came.
    lookups: FuturesOrdered<BoxFuture<'static, Known>>,
    /// What has to be done before a message is answered.
    endings: FuturesUnordered<BoxFuture<'static, (usize, Ending)>>,
    answers: Vec<(Subject, Answer)>,
    /// The last final answers: a broker that is killed may have forgotten them.
    last: VecDeque<(Subject, Answer)>,
    /// The consumer is being looked after: one at most.
    repair: FuturesUnordered<BoxFuture<'static, Result<(), String>>>,
    repair_pause: Duration,
    /// It takes nothing more from the broker.
    stopping: bool,
}

/// A message's place among those held, and its subscription, as one word.
fn token(key: usize, subscription: u32) -> u64 {
    (key as u64) << 32 | u64::from(subscription)
}

impl Lane {
    /// Makes a feeder of a consumer that is there.
    ///
    /// # Errors
    ///
    /// If the client has been closed.
    pub(super) async fn new(shared: Arc<Shared>, feed: Feed) -> Result<Self, String> {
        let inbox = Subject::from(shared.client.new_inbox());
        let subscriber = shared.client.subscribe(inbox.clone()).await.map_err(|error| error.to_string())?;
        let (teller, settlements) = mpsc::unbounded_channel();
        Ok(Self {
            pulls: Pulls::new(&feed, inbox),
            shared,
            feed,
            subscriber,
            listens: true,
            held: Held::default(),
            resumes: Resumes::default(),
            teller,
            settlements,
            confirm: Arc::default(),
            lookups: FuturesOrdered::new(),
            endings: FuturesUnordered::new(),
            answers: Vec::new(),
            last: VecDeque::new(),
            repair: FuturesUnordered::new(),
            repair_pause: REPAIR_PAUSE,
            stopping: false,
        })
    }

    /// Feeds the lane until the transport stops or the service has ended, and everything held has been answered.
    pub(super) async fn run(mut self) {
        let third = self.feed.stream.ack_wait / 3;
        let mut signs = interval_at(Instant::now() + third, third);
        signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut stop, mut connects) = (self.shared.stop.clone(), self.shared.connects.clone());
        loop {
            self.answer().await;
            if self.stopping {
                if self.held.len() == 0 {
                    break;
                }
            } else if self.repair.is_empty() {
                self.pulls.ask(&self.shared.client, self.held.len()).await;
            }
            let look = self.pulls.look_at();
            tokio::select! {
                biased;
                () = stopped(&mut stop), if !self.stopping => self.stop().await,
                _ = signs.tick() => {
                    let replies = self.held.give_signs().map(|reply| (reply, Answer::InProgress));
                    self.answers.extend(replies);
                }
                Some((token, settlement)) = self.settlements.recv() => {
                    self.settled(token, settlement);
                    // What is there already shares one look at everything else.
                    while let Ok((token, settlement)) = self.settlements.try_recv() {
                        self.settled(token, settlement);
                    }
                }
                Some((key, ending)) = self.endings.next(), if !self.endings.is_empty() => self.ended(key, ending),
                Some((key, known)) = self.lookups.next(), if !self.lookups.is_empty() => self.looked_up(key, known),
                Some(repaired) = self.repair.next(), if !self.repair.is_empty() => self.repaired(repaired),
                message = self.subscriber.next(), if self.listens => {
                    self.came(message);
                    for _ in 1..TURN {
                        if !self.listens {
                            break;
                        }
                        let Some(message) = self.subscriber.next().now_or_never() else { break };
                        self.came(message);
                    }
                }
                Ok(()) = connects.changed() => {
                    self.pulls.forget();
                    // What it has not forgotten it does not mind to hear again; for what it has it would wait out its
                    // patience, and an ordered lane with it.
                    self.answers.extend(self.last.drain(..));
                }
                () = sleep_until(look) => self.pulls.look(),
            }
            if !self.stopping && !self.feed.inbox.is_open() {
                self.stop().await;
            }
        }
        self.answer().await;
    }

    /// Takes nothing more from the broker; what has come goes on.
    async fn stop(&mut self) {
        self.stopping = true;
        // What the server has sent by now still comes, and goes back at once.
        if self.subscriber.drain().await.is_err() {
            self.listens = false;
        }
    }

    async fn answer(&mut self) {
        for (reply, answer) in self.answers.drain(..) {
            if matches!(answer, Answer::Ack | Answer::Term) {
                if self.last.len() == REPEATED {
                    self.last.pop_front();
                }
                self.last.push_back((reply.clone(), answer));
            }
            if let Err(error) = self.shared.client.publish(reply, answer.payload()).await {
                // The broker delivers it again by itself.
                tracing::debug!(%error, "a message could not be answered");
            }
        }
    }

    // ---- what comes

    fn came(&mut self, message: Option<async_nats::Message>) {
        match message {
            Some(message) => self.take(&message),
            None => self.listens = false,
        }
    }

    fn take(&mut self, message: &async_nats::Message) {
        if message.status.is_some_and(|status| status != async_nats::StatusCode::OK) {
            if let Status::Gone(problem) = self.pulls.said(message) {
                self.look_after(&problem);
            }
            return;
        }
        self.pulls.came();
        self.repair_pause = REPAIR_PAUSE;
        let Some(reply) = message.reply.clone() else { return };
        let Some(delivered) = Delivered::read(&reply) else {
            tracing::warn!(subject = %message.subject, %reply, "a message came that no consumer has delivered");
            return;
        };
        if self.stopping {
            self.answers.push((reply, Answer::Nak(Duration::ZERO)));
            return;
        }
        if let Some(event) = self.held.replace(&reply, delivered) {
            // The signs of life came too late, and the broker has lost its patience.
            let event = Arc::clone(event);
            self.interested(&event).for_each(|fed| self.feed.inbox.suppressed(fed.subscription));
            return;
        }
        match decode(&with_id(message, &self.feed.stream.name, delivered.sequence)) {
            Ok(event) => self.hold(reply, delivered, event),
            Err(Misfit::Request) => {
                tracing::debug!(subject = %message.subject, "a request lies in a stream of events, and is passed over");
                self.answers.push((reply, Answer::Ack));
            }
            Err(Misfit::Unreadable { event, problem }) => {
                self.bury_unreadable(reply, delivered, &event, &problem);
            }
        }
    }

    /// The subscriptions that want an event.
    fn interested(&self, event: &SharedEvent) -> impl Iterator<Item = &Fed> {
        let route = event.metadata().route();
        self.feed.fed.iter().filter(move |fed| fed.interests.iter().any(|interest| interest.matches(route)))
    }

    fn hold(&mut self, reply: Subject, delivered: Delivered, event: SharedEvent) {
        let inbox = &self.feed.inbox;
        let wanted: Vec<_> = self
            .interested(&event)
            .map(|fed| (fed.subscription, Arc::clone(inbox.pattern_of(fed.subscription))))
            .collect();
        if wanted.is_empty() {
            // The consumer's filters may be wider than the interests.
            self.answers.push((reply, Answer::Ack));
            return;
        }
        let (service, handled) = (Arc::clone(&inbox.service), self.shared.handled.clone());
        let id = event.metadata().id().clone();
        let key = self.held.insert(reply, delivered, event, wanted.len());
        let mut look_up = async move {
            let mut known = Vec::with_capacity(wanted.len());
            for (subscription, pattern) in wanted {
                let is_handled = handled.is_handled(&service, &pattern, &id).await.unwrap_or_else(|error| {
                    tracing::error!(%service, %pattern, %id, %error, "it is not known whether an event was handled before, and it is handled");
                    false
                });
                known.push((subscription, is_handled));
            }
            (key, known)
        }
        .boxed();
        let at_once = if self.lookups.is_empty() { (&mut look_up).now_or_never() } else { None };
        match at_once {
            Some((key, known)) => self.looked_up(key, known),
            None => self.lookups.push_back(look_up),
        }
    }

    fn looked_up(&mut self, key: usize, known: Vec<(u32, bool)>) {
        let Some(message) = self.held.get(key) else { return };
        let (delivered, event) = (message.delivered, Arc::clone(&message.event));
        let inbox = Arc::clone(&self.feed.inbox);
        for (subscription, is_handled) in known {
            let resume = self.resumes.take(delivered.sequence, subscription);
            if is_handled {
                inbox.suppressed(subscription);
                self.ended(key, Ending::Handled);
            } else if self.stopping {
                self.ended(key, Ending::Returned(Duration::ZERO));
            } else if delivered.times > self.feed.max_deliveries {
                let history = resume.and_then(|resume| resume.history);
                let failure = too_often(delivered.times - 1, "without coming to an end");
                inbox.bury_undelivered(subscription, &event, failure, history);
                self.end_when_stored(key);
            } else {
                let (attempt, history, since) =
                    resume.map_or((1, None, None), |resume| (resume.attempt, resume.history, resume.since));
                let attempt = attempt.max(delivered.times);
                let receipt = BrokerReceipt::new(token(key, subscription), &self.teller);
                let arrival = Arrival { attempt, history, since, receipt };
                inbox.deliver_from_broker(subscription, &event, arrival, &self.confirm);
            }
        }
    }

    fn bury_unreadable(&mut self, reply: Subject, delivered: Delivered, event: &SharedEvent, problem: &str) {
        let wanted: Vec<_> = self.interested(event).map(|fed| fed.subscription).collect();
        let key = self.held.insert(reply, delivered, Arc::clone(event), wanted.len().max(1));
        if wanted.is_empty() {
            return self.ended(key, Ending::Handled);
        }
        for subscription in wanted {
            let failure = Failure::new(Reason::Decode, "nestling", problem);
            self.feed.inbox.bury_undelivered(subscription, event, failure, None);
            self.end_when_stored(key);
        }
    }

    // ---- how it ends

    fn settled(&mut self, token: u64, settlement: Settlement) {
        // What `token` put together.
        let (key, subscription) = ((token >> 32) as usize, token as u32);
        match settlement {
            Settlement::Handled => self.record(key, subscription),
            Settlement::DeadLettered => self.end_when_stored(key),
            Settlement::Returned(resume) => {
                let delay = resume.as_ref().map_or(Duration::ZERO, |resume| resume.delay);
                if let (Some(resume), Some(message)) = (resume, self.held.get(key)) {
                    self.resumes.remember(message.delivered.sequence, subscription, resume);
                }
                self.ended(key, Ending::Returned(delay));
            }
        }
    }

    /// Records that the event was handled, and answers then.
    fn record(&mut self, key: usize, subscription: u32) {
        let Some(message) = self.held.get(key) else { return };
        let id = message.event.metadata().id().clone();
        let (service, handled) = (Arc::clone(&self.feed.inbox.service), self.shared.handled.clone());
        let pattern = Arc::clone(self.feed.inbox.pattern_of(subscription));
        let mut recorded = async move {
            if let Err(error) = handled.record(&service, &pattern, &id).await {
                tracing::error!(%service, %pattern, %id, %error, "that an event was handled is not recorded: should the broker deliver it again, it is handled again");
            }
            (key, Ending::Handled)
        }
        .boxed();
        match (&mut recorded).now_or_never() {
            Some((key, ending)) => self.ended(key, ending),
            None => self.endings.push(recorded),
        }
    }

    /// Waits until the dead letters are stored, and answers then.
    fn end_when_stored(&self, key: usize) {
        let (dead_letters, mut stop) = (self.shared.dead_letters.clone(), self.shared.stop.clone());
        let stored = async move {
            loop {
                match dead_letters.flush().await {
                    Ok(()) => return (key, Ending::DeadLettered),
                    Err(StoreError::Closed) => break,
                    // Logged where it happened; the letter waits in memory, and the broker still has the event.
                    Err(_) => tokio::select! {
                        () = tokio::time::sleep(STORE_PAUSE) => {}
                        () = stopped(&mut stop) => break,
                    },
                }
            }
            (key, Ending::Returned(Duration::ZERO))
        };
        self.endings.push(stored.boxed());
    }

    fn ended(&mut self, key: usize, ending: Ending) {
        self.answers.extend(self.held.ended(key, ending));
    }

    // ---- a consumer that is not there

    fn look_after(&mut self, problem: &str) {
        if !self.repair.is_empty() || self.stopping {
            return;
        }
        tracing::warn!(
            service = &*self.feed.inbox.service,
            stream = self.feed.stream.name,
            consumer = self.feed.consumer,
            problem,
            "a durable consumer does not answer; it is looked after",
        );
        let (shared, feed, pause) = (Arc::clone(&self.shared), self.feed.clone(), self.repair_pause);
        self.repair_pause = (pause * 2).min(LONGEST_REPAIR_PAUSE);
        self.repair.push(
            async move {
                tokio::time::sleep(pause).await;
                stream::ensure(&shared.context, &feed.stream).await.map_err(|error| error.to_string())?;
                feed.ensure(&shared.context).await.map(drop).map_err(|error| error.to_string())
            }
            .boxed(),
        );
    }

    fn repaired(&mut self, repaired: Result<(), String>) {
        self.pulls.forget();
        if let Err(problem) = repaired {
            self.look_after(&problem);
        }
    }
}

/// The failure of an event that the broker has delivered too often.
pub(super) fn too_often(times: u32, how: &str) -> Failure {
    let message = format!("the broker delivered it {times} times {how}");
    Failure::new(Reason::MaxDeliveries, "nestling", message)
}
