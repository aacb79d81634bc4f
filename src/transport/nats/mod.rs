//! NATS: requests and events of a node over a NATS server, in NestJS's wire format.
//!
//! | file | what it says |
//! |---|---|
//! | `mod` | what a node holds of it |
//! | `options` | how a node reaches NATS |
//! | `connect` | making the connection, and what is said when that fails |
//! | `link` | the one connection of a node |
//! | `subject` | routes as subjects, queue groups |
//! | `message` | events and requests as messages |
//! | `cloud_event` | CloudEvents attributes |
//! | `time` | times as CloudEvents has them |
//! | `outbox` | what is on its way to the server |
//! | `outlet` | where the node's events leave the process |
//! | `events` | events that come |
//! | `tagged` | a subscription, and for whom it is |
//! | `client/` | requests to others |
//! | `server/` | requests of others |
//! | `dead_letters/` | dead letters in a stream, shared by all nodes |
//! | `jetstream/` | events that outlive processes |
//! | `discovery/` | what NATS's own tools see of the node |

mod client;
mod cloud_event;
mod connect;
mod dead_letters;
mod discovery;
mod events;
mod jetstream;
mod link;
mod message;
mod options;
mod outbox;
mod outlet;
mod server;
mod subject;
mod tagged;
mod time;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::client::Core;
use crate::dead_letter::{DeadLetters, Sink};
use crate::handled::Handled;
use crate::peer::{Outlet, Peer};
use crate::registry::Interest;
use crate::routes::RouteTable;
use crate::service::DeclaredEvent;
use crate::supervisor::Inbox;
use client::NatsPeer;
pub(crate) use connect::NotConnected;
pub use dead_letters::{DeadLetterStream, JetStreamStore};
use discovery::Discovery;
use events::Intake;
pub(crate) use events::Unsubscriber;
use jetstream::{Bounds, Fed, JetStream, Plan};
pub(crate) use jetstream::{JetStreamError, Kept};
pub use jetstream::{Storage, Stream};
use link::Link;
pub use options::Nats;
use outlet::NatsOutlet;
use server::Server;
use subject::{subject_of, subject_of_interest};

/// A node's connection to NATS. Dropping it closes it at once.
#[derive(Debug)]
pub(crate) struct Connected {
    link: Arc<Link>,
    outlet: Arc<NatsOutlet>,
    intake: Intake,
    server: Option<Server>,
    /// None without durable streams.
    jetstream: Option<Arc<JetStream>>,
    discovery: Option<Discovery>,
    /// What discovery says of the node's services, unless it is to say nothing.
    is_discovered: bool,
    /// What keeps the connection going.
    tasks: Vec<JoinHandle<()>>,
}

impl Connected {
    /// Connects a node.
    ///
    /// # Errors
    ///
    /// After a finite time, if that cannot be done.
    pub(crate) async fn new(nats: &Nats, node: &str, sink: Sink) -> Result<Self, NotConnected> {
        let link = connect::connect(nats, node, sink.clone()).await?;
        let inbox = client::Inbox::new(&link)
            .await
            .map_err(|reason| NotConnected { server: link.server.clone(), reason })?;
        let tasks = vec![actix_rt::spawn(Arc::clone(&link).pump()), actix_rt::spawn(inbox.run())];
        let outlet = Arc::new(NatsOutlet::new(&link));
        let intake = Intake::start(&link.client, &link.node, sink);
        let is_discovered = nats.discovery;
        Ok(Self {
            link,
            outlet,
            intake,
            server: None,
            jetstream: None,
            discovery: None,
            is_discovered,
            tasks,
        })
    }

    /// Lets streams keep the events on their subjects, from now on.
    ///
    /// # Errors
    ///
    /// If a stream cannot be had as it is declared.
    pub(crate) async fn make_durable(
        &mut self,
        nats: &Nats,
        streams: Vec<Stream>,
        sink: Sink,
        dead_letters: DeadLetters,
        handled: Handled,
    ) -> Result<(), JetStreamError> {
        let plan = Plan {
            node: Arc::clone(&self.link.node),
            streams,
            client: self.link.client.clone(),
            connects: self.link.connects(),
            dial: connect::dial(nats, &self.link.node),
            bounds: Bounds { unconfirmed: nats.limits.unconfirmed, waiting: nats.limits.events },
            sink,
            dead_letters,
            handled,
        };
        let jetstream = Arc::new(JetStream::start(plan).await?);
        self.outlet.set_durable(Arc::clone(&jetstream) as _);
        self.jetstream = Some(jetstream);
        Ok(())
    }

    /// The stream that a subscription gets its events from.
    pub(crate) fn stream_for(&self, event: &DeclaredEvent) -> Option<&Kept> {
        if event.internal || event.every_instance {
            return None;
        }
        self.jetstream.as_ref()?.stream_for(&event.interests)
    }

    /// A service's subscriptions that get their events from streams.
    fn durable(&self, events: &[DeclaredEvent]) -> Vec<Fed> {
        let numbered = (0..).zip(events).filter(|(_, event)| self.stream_for(event).is_some());
        let fed = numbered.map(|(subscription, event)| Fed {
            subscription,
            interests: event.interests.clone(),
            lane: event.lane,
            rule: event.rule,
        });
        fed.collect()
    }

    /// Feeds a service's durable subscriptions.
    ///
    /// # Errors
    ///
    /// If a consumer cannot be had.
    pub(crate) async fn feed(
        &self,
        inbox: &Arc<Inbox>,
        events: &[DeclaredEvent],
    ) -> Result<(), JetStreamError> {
        match &self.jetstream {
            Some(jetstream) => jetstream.feed(inbox, &self.durable(events)).await,
            None => Ok(()),
        }
    }

    /// As [`feed`](Self::feed), in the background, and again and again until it succeeds.
    pub(crate) fn feed_later(&self, inbox: &Arc<Inbox>, events: &[DeclaredEvent]) {
        let durable = self.durable(events);
        if let Some(jetstream) = self.jetstream.as_ref().filter(|_| !durable.is_empty()) {
            jetstream.feed_later(inbox, durable);
        }
    }

    /// Where the node's events leave the process.
    pub(crate) fn outlet(&self) -> Arc<dyn Outlet> {
        Arc::clone(&self.outlet) as Arc<dyn Outlet>
    }

    /// The peer that answers what nobody in the node does.
    pub(crate) fn peer(&self, request_timeout: Duration) -> Arc<dyn Peer> {
        Arc::new(NatsPeer::new(&self.link, request_timeout))
    }

    /// Gets a service its events, from those on that are emitted after this.
    pub(crate) fn subscribe(&self, routes: &RouteTable, inbox: &Arc<Inbox>, events: &[DeclaredEvent]) {
        let serves = |interest: &Interest| {
            let served = interest.route().and_then(|route| routes.served(route.as_str()));
            served.is_some_and(|(_, destination)| Arc::ptr_eq(&destination.inbox, inbox))
        };
        for (subscription, event) in (0..).zip(events) {
            if self.stream_for(event).is_none() {
                self.intake.subscribe(inbox, subscription, event, serves);
            }
        }
    }

    /// Takes a service's subscriptions away again.
    pub(crate) fn unsubscriber(&self) -> Unsubscriber {
        self.intake.unsubscriber()
    }

    /// Serves the node's message patterns, and makes its services known.
    ///
    /// # Errors
    ///
    /// If the connection has ended already.
    pub(crate) async fn serve(
        &mut self,
        core: &Arc<Core>,
        services: &[Arc<str>],
        version: &str,
    ) -> Result<(), NotConnected> {
        let not_connected = |reason| NotConnected { server: self.link.server.clone(), reason };
        let server = Server::start(&self.link, core).await.map_err(not_connected)?;
        if self.is_discovered {
            let discovery = Discovery::start(&self.link, services, &server.served, version).await;
            self.discovery = Some(discovery.map_err(not_connected)?);
        }
        self.server = Some(server);
        Ok(())
    }

    /// Takes nothing more, and waits until what has come is delivered.
    pub(crate) async fn stop_intake(&mut self, limit: Duration) {
        self.discovery = None;
        if let Some(server) = &mut self.server {
            server.stop();
        }
        if let Some(jetstream) = &self.jetstream {
            jetstream.stop_taking();
        }
        if !self.intake.stop(self.link.outbox.is_away(), limit).await {
            tracing::warn!(server = &*self.link.server, "events that have come were not delivered in time");
        }
    }

    /// Waits until what was asked for is answered.
    pub(crate) async fn answer(&mut self, limit: Duration) {
        // Without a connection nobody hears an answer.
        if let Some(server) = &mut self.server
            && !self.link.outbox.is_away()
        {
            let _ = server.answered(limit).await;
        }
    }

    /// Sends what waits, and closes the connection. What cannot be sent by then becomes dead letters.
    pub(crate) async fn close(&mut self, limit: Duration) {
        self.server = None;
        if let Some(jetstream) = &self.jetstream {
            jetstream.close(limit).await;
        }
        if !self.link.flush(limit).await {
            let server = &*self.link.server;
            tracing::warn!(server, "the connection to NATS is closed before all was sent");
        }
        self.link.close();
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        if let Some(jetstream) = &self.jetstream {
            jetstream.abort();
        }
        self.link.close();
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What cannot be served or subscribed to: because it is no subject, or because a stream would answer its requests.
pub(crate) fn problems<'a>(
    routes: &RouteTable,
    services: impl Iterator<Item = (&'a str, &'a [DeclaredEvent])>,
    streams: &[Stream],
) -> Vec<String> {
    let served = routes.all_served().filter_map(|(route, destination)| {
        let problem = match subject_of(route) {
            Ok(subject) => streams.iter().find(|stream| stream.covers(&subject)).map(|stream| {
                format!(
                    "its message pattern `{route}` is a subject of stream `{}`, whose acknowledgement would answer each \
                     request: give one of them another name",
                    stream.name
                )
            })?,
            Err(problem) => problem,
        };
        Some(format!("service `{}`: {problem}", destination.inbox.service))
    });
    let mut problems: Vec<_> = served.collect();
    for (service, events) in services {
        let interests = events.iter().filter(|event| !event.internal).flat_map(|event| &event.interests);
        let found = interests.filter_map(|interest| subject_of_interest(interest).err());
        problems.extend(found.map(|problem| format!("service `{service}`: {problem}")));
    }
    problems
}
