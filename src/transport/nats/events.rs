//! Events that come: a subscription for each of a service's interests, whose messages go straight to the service's lane.
//!
//! The client has a queue for each subscription, and a message does not say when it came: so the order of one subject, or
//! of one wildcard, is kept, and none across them.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Message, Subject, Subscriber};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::stream::SelectAll;
use futures::{FutureExt, StreamExt};
use tokio::task::JoinHandle;

use super::message::{Misfit, decode};
use super::subject::{event_group, is_public, subject_of_interest};
use super::tagged::Tagged;
use crate::dead_letter::{Failure, Reason, Sink};
use crate::registry::Interest;
use crate::service::DeclaredEvent;
use crate::supervisor::{Inbox, Target};

/// How many events are delivered before the thread's other tasks have their turn.
const TURN: usize = 64;

/// How long to wait for dead letters, which another thread writes.
const NAP: Duration = Duration::from_millis(1);

/// The subscriptions of a node to events.
#[derive(Debug)]
pub(super) struct Intake {
    client: Client,
    node: Arc<str>,
    commands: UnboundedSender<Command>,
    task: JoinHandle<()>,
}

enum Command {
    Add(Tagged<Target>),
    /// As `Add`, where the client had no room.
    Subscribe(Arc<Target>, Subject, Option<String>),
    /// Ends the subscriptions of one service.
    Remove(Arc<Inbox>),
    /// Ends all. Without a connection nothing more comes, and nobody says so.
    Stop {
        is_away: bool,
    },
}

/// Takes a service's subscriptions away.
#[derive(Debug, Clone)]
pub(crate) struct Unsubscriber(UnboundedSender<Command>);

impl Unsubscriber {
    /// Ends the subscriptions of a service, after what has come.
    pub(crate) fn remove(&self, inbox: &Arc<Inbox>) {
        let _ = self.0.unbounded_send(Command::Remove(Arc::clone(inbox)));
    }
}

impl Intake {
    pub(super) fn start(client: &Client, node: &Arc<str>, sink: Sink) -> Self {
        let (commands, received) = unbounded();
        let task =
            Delivering { client: client.clone(), commands: received, messages: SelectAll::new(), sink };
        let task = actix_rt::spawn(task.run());
        Self { client: client.clone(), node: Arc::clone(node), commands, task }
    }

    /// Subscribes to what a subscription of a service is interested in, and to what is emitted from now on. `serves`
    /// tells on which routes the service answers requests too.
    pub(super) fn subscribe(
        &self,
        inbox: &Arc<Inbox>,
        subscription: u32,
        event: &DeclaredEvent,
        serves: impl Fn(&Interest) -> bool,
    ) {
        if event.internal {
            return;
        }
        let target = Arc::new(Target::new(inbox, subscription));
        for interest in &event.interests {
            let subject = match subject_of_interest(interest) {
                Ok(Some(subject)) => subject,
                Ok(None) => continue,
                // At the node's start it was looked at; at run time there is nobody to tell.
                Err(problem) => {
                    tracing::error!(
                        service = &*inbox.service,
                        problem,
                        "nothing comes over NATS for a subscription"
                    );
                    continue;
                }
            };
            let group = || event_group(&self.node, &inbox.service, interest, serves(interest));
            let group = (!event.every_instance).then(group);
            // At once, so that what is emitted next is sent after it.
            let command = match subscribe(&self.client, subject.clone(), group.clone()).now_or_never() {
                Some(Some(subscriber)) => Command::Add(Tagged::new(Arc::clone(&target), subscriber)),
                Some(None) => continue,
                None => Command::Subscribe(Arc::clone(&target), subject, group),
            };
            let _ = self.commands.unbounded_send(command);
        }
    }

    pub(super) fn unsubscriber(&self) -> Unsubscriber {
        Unsubscriber(self.commands.clone())
    }

    /// Ends all subscriptions, and waits until what has come is delivered; false if that takes longer.
    pub(super) async fn stop(&mut self, is_away: bool, limit: Duration) -> bool {
        let _ = self.commands.unbounded_send(Command::Stop { is_away });
        self.task.is_finished() || tokio::time::timeout(limit, &mut self.task).await.is_ok()
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn subscribe(client: &Client, subject: Subject, group: Option<String>) -> Option<Subscriber> {
    let subscriber = match group {
        Some(group) => client.queue_subscribe(subject, group).await,
        None => client.subscribe(subject).await,
    };
    subscriber.inspect_err(|error| tracing::error!(%error, "a subscription could not be made")).ok()
}

struct Delivering {
    client: Client,
    commands: UnboundedReceiver<Command>,
    messages: SelectAll<Tagged<Target>>,
    sink: Sink,
}

impl Delivering {
    async fn run(mut self) {
        let mut stopping = false;
        loop {
            tokio::select! {
                biased;
                Some(command) = self.commands.next() => stopping |= self.obey(command).await,
                next = self.messages.next(), if !self.messages.is_empty() => {
                    // None when the last subscription has ended.
                    if let Some((target, message)) = next {
                        self.deliver(&target, &message);
                        self.deliver_what_is_there();
                        self.rest().await;
                    }
                }
                else => return,
            }
            if stopping && self.messages.is_empty() {
                return;
            }
        }
    }

    /// Gives others their turn, and waits while dead letters come faster than they are kept.
    async fn rest(&self) {
        tokio::task::yield_now().await;
        while self.sink.is_behind() {
            tokio::time::sleep(NAP).await;
        }
    }

    fn deliver_what_is_there(&mut self) {
        for _ in 1..TURN {
            let Some(Some((target, message))) = self.messages.next().now_or_never() else { return };
            self.deliver(&target, &message);
        }
    }

    /// True if it is to end after what has come.
    async fn obey(&mut self, command: Command) -> bool {
        match command {
            Command::Add(subscription) => self.messages.push(subscription),
            Command::Subscribe(target, subject, group) => {
                if let Some(subscriber) = subscribe(&self.client, subject, group).await {
                    self.messages.push(Tagged::new(target, subscriber));
                }
            }
            Command::Remove(inbox) => self.drain(|target| Arc::ptr_eq(&target.inbox, &inbox)).await,
            Command::Stop { is_away: true } => {
                while let Some(Some((target, message))) = self.messages.next().now_or_never() {
                    self.deliver(&target, &message);
                }
                self.messages.clear();
                return true;
            }
            Command::Stop { is_away: false } => {
                self.drain(|_| true).await;
                return true;
            }
        }
        false
    }

    async fn drain(&mut self, which: impl Fn(&Target) -> bool) {
        for subscription in self.messages.iter_mut() {
            if which(&subscription.to) {
                subscription.drain().await;
            }
        }
    }

    fn deliver(&self, target: &Target, message: &Message) {
        // A leading wildcard also gets what servers and clients say to each other.
        if !is_public(&message.subject) {
            return;
        }
        match decode(message) {
            Ok(event) => target.deliver(event),
            Err(Misfit::Request) => {
                tracing::debug!(subject = &*message.subject, "a request on an event pattern was passed over");
            }
            Err(Misfit::Unreadable { event, problem }) => {
                let failure = Failure::new(Reason::Decode, "nestling", problem);
                target.inbox.bury_undelivered(target.subscription, &event, failure, None);
            }
        }
    }
}
