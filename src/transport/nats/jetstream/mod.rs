//! JetStream: events that outlive processes.
//!
//! ```text
//! emit ──▶ Publisher ──▶ stream ──▶ consumer ──▶ Lane ──▶ inbox's lane ──▶ handler
//!             ▲  PubAck ◀──┘            ▲          │ ▲                         │
//!             └ again after a cut       └── ACK ───┘ └────── Settlement ◀──────┘
//! ```
//!
//! | file | what it says |
//! |---|---|
//! | `options` | what a user declares |
//! | `stream`, `consumer` | what the server is to have, created or compared |
//! | `subjects` | which subject covers which |
//! | `publish` | events on their way to a stream |
//! | `lane` | one lane fed from one consumer, with `pulls`, `held`, `resume`, `delivery` |
//! | `advisories` | what the server gives up |
//! | `api` | the server's JetStream API |

mod advisories;
mod api;
mod consumer;
mod delivery;
mod held;
mod lane;
mod options;
mod publish;
mod pulls;
mod resume;
mod stream;
mod subjects;

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::context::{Context, ContextBuilder};
use async_nats::jetstream::stream::{Info, StorageType};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub(crate) use consumer::Fed;
use consumer::{ConsumerError, Feed};
use lane::Lane;
pub use options::{Storage, Stream};
pub(crate) use publish::{Bounds, Dial};
use publish::{Publisher, Streams};
pub(crate) use stream::StreamError;

use crate::dead_letter::{DeadLetters, Sink};
use crate::event::SharedEvent;
use crate::handled::Handled;
use crate::peer::Unconfirmed;
use crate::registry::Interest;
use crate::supervisor::Inbox;
use crate::transport::nats::outlet::DurablePublisher;
use crate::transport::nats::subject::subject_of_interest;

/// How long the server may take to answer a request to its API.
const API_TIMEOUT: Duration = Duration::from_secs(5);

/// After how long a subscriber of run time is tried to be fed again.
const FEED_PAUSE: Duration = Duration::from_secs(5);

/// Why a node's durable events cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JetStreamError {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    #[error("{0}")]
    Connection(String),
}

/// What all lanes share.
pub(crate) struct Shared {
    node: Arc<str>,
    client: Client,
    context: Context,
    dead_letters: DeadLetters,
    handled: Handled,
    /// Nothing more is taken from the broker.
    stop: watch::Receiver<bool>,
    /// Changes with each connection.
    connects: watch::Receiver<u64>,
}

/// Resolves when nothing more is to be taken from the broker.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Whoever would say so has gone, and takes this along.
        std::future::pending::<()>().await;
    }
}

/// What a node needs to have durable events.
pub(crate) struct Plan {
    pub(crate) node: Arc<str>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) client: Client,
    pub(crate) connects: watch::Receiver<u64>,
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) bounds: Bounds,
    pub(crate) sink: Sink,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) handled: Handled,
}

/// What the server says of a declared stream.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) stream: Arc<Stream>,
    pub(crate) replicas: usize,
    pub(crate) in_memory: bool,
}

/// A node's durable events.
pub(crate) struct JetStream {
    shared: Arc<Shared>,
    kept: Vec<Kept>,
    publisher: Publisher,
    stop: watch::Sender<bool>,
    /// What ends by itself after `stop`.
    lanes: Mutex<Vec<JoinHandle<()>>>,
    publishing: Mutex<Option<JoinHandle<()>>>,
}

impl JetStream {
    /// Creates or compares the streams, and begins to publish.
    ///
    /// # Errors
    ///
    /// If a stream cannot be used, or there is no connection for publishing.
    pub(crate) async fn start(plan: Plan) -> Result<Self, JetStreamError> {
        let Plan { node, streams, client, connects, dial, bounds, sink, dead_letters, handled } = plan;
        let context = ContextBuilder::new().timeout(API_TIMEOUT).build(client.clone());
        let mut kept = Vec::with_capacity(streams.len());
        for declared in streams {
            let Info { config, .. } = stream::ensure(&context, &declared).await?;
            kept.push(Kept {
                stream: Arc::new(declared),
                replicas: config.num_replicas,
                in_memory: config.storage == StorageType::Memory,
            });
        }
        let declared = kept.iter().map(|kept| Arc::clone(&kept.stream)).collect();
        let looked_after = Streams { context: context.clone(), declared };
        let (publisher, publishing) = Publisher::start(Arc::clone(&node), dial, looked_after, sink, bounds)
            .await
            .map_err(JetStreamError::Connection)?;
        let (stop, stopped) = watch::channel(false);
        let shared =
            Arc::new(Shared { node, client, context, dead_letters, handled, stop: stopped, connects });
        let publishing = Mutex::new(Some(publishing));
        Ok(Self { shared, kept, publisher, stop, lanes: Mutex::default(), publishing })
    }

    /// The stream that takes everything that a subscription wants: then the subscription is durable.
    pub(crate) fn stream_for(&self, interests: &[Interest]) -> Option<&Kept> {
        let wanted: Option<Vec<_>> =
            interests.iter().map(|interest| subject_of_interest(interest).ok().flatten()).collect();
        let wanted = wanted.filter(|wanted| !wanted.is_empty())?;
        self.kept.iter().find(|kept| wanted.iter().all(|wanted| kept.stream.covers(wanted)))
    }

    /// Feeds a service's durable subscriptions from their consumers.
    ///
    /// # Errors
    ///
    /// If a consumer cannot be used.
    pub(crate) async fn feed(&self, inbox: &Arc<Inbox>, durable: &[Fed]) -> Result<(), JetStreamError> {
        let mut feeds = Vec::new();
        for kept in &self.kept {
            let of_stream = |fed: &&Fed| {
                self.stream_for(&fed.interests).is_some_and(|it| Arc::ptr_eq(&it.stream, &kept.stream))
            };
            let fed: Vec<_> = durable.iter().filter(of_stream).cloned().collect();
            feeds.extend(Feed::of(&self.shared.node, inbox, &fed, &kept.stream));
        }
        for feed in feeds {
            feed.ensure(&self.shared.context).await?;
            let connection = JetStreamError::Connection;
            let said = advisories::subscribe(&self.shared, &feed).await.map_err(connection)?;
            let lane = Lane::new(Arc::clone(&self.shared), feed.clone()).await.map_err(connection)?;
            let advisories = advisories::run(Arc::clone(&self.shared), feed, said);
            let fed = tokio::spawn(async move {
                // Advisories are heard for as long as the lane is fed.
                tokio::select! {
                    () = lane.run() => {}
                    () = advisories => {}
                }
            });
            let mut lanes = self.lanes.lock();
            lanes.retain(|lane| !lane.is_finished());
            lanes.push(fed);
        }
        Ok(())
    }

    /// As [`feed`](Self::feed), in the background, and again and again until it succeeds.
    pub(super) fn feed_later(self: &Arc<Self>, inbox: &Arc<Inbox>, durable: Vec<Fed>) {
        let (this, inbox) = (Arc::clone(self), Arc::clone(inbox));
        let mut stop = self.shared.stop.clone();
        let feed = async move {
            while inbox.is_open() {
                let Err(error) = this.feed(&inbox, &durable).await else { return };
                tracing::error!(service = &*inbox.service, %error, "a durable subscription gets no events yet");
                tokio::time::sleep(FEED_PAUSE).await;
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                () = stopped(&mut stop) => {}
                () = feed => {}
            }
        });
    }

    /// Takes nothing more from the broker. What the lanes hold goes on.
    pub(crate) fn stop_taking(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until everything held has been answered, which the services' ends bring about, and everything emitted has
    /// been confirmed; what is not by then becomes dead letters. It is called when the services have ended, and before
    /// the dead letters are closed.
    pub(crate) async fn close(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        self.stop_taking();
        self.publisher.close(deadline);
        let lanes = std::mem::take(&mut *self.lanes.lock());
        for mut lane in lanes {
            if tokio::time::timeout_at(deadline, &mut lane).await.is_err() {
                // The broker delivers again what it held.
                lane.abort();
            }
        }
        let publishing = self.publishing.lock().take();
        if let Some(mut publishing) = publishing
            && tokio::time::timeout_at(deadline + Duration::from_millis(100), &mut publishing).await.is_err()
        {
            publishing.abort();
            // Its end buries what is left.
            let _ = publishing.await;
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), self.shared.client.flush()).await;
    }

    /// Ends at once. The broker delivers again what was held, and what was not published becomes dead letters, as far as
    /// their store is still written.
    pub(super) fn abort(&self) {
        self.stop_taking();
        for lane in &*self.lanes.lock() {
            lane.abort();
        }
        if let Some(publishing) = &*self.publishing.lock() {
            publishing.abort();
        }
    }
}

impl DurablePublisher for JetStream {
    fn covers(&self, subject: &str) -> bool {
        self.kept.iter().any(|kept| kept.stream.covers(subject))
    }

    fn publish(&self, event: SharedEvent) {
        self.publisher.emit(event);
    }

    fn publish_confirmed(
        &self,
        event: SharedEvent,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>> {
        self.publisher.emit_confirmed(event, within)
    }
}

impl std::fmt::Debug for JetStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let streams: Vec<_> = self.kept.iter().map(|kept| &kept.stream.name).collect();
        f.debug_struct("JetStream").field("streams", &streams).finish_non_exhaustive()
    }
}
