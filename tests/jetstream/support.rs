//! Events, logs, and a look at the server from outside.

use std::sync::{Arc, Mutex};

use async_nats::jetstream::consumer::{Info, PullConsumer};
use async_nats::jetstream::context::Context;
use nestling::prelude::*;
use nestling::{Nats, NodeBuilder, Stream};
use tokio::sync::Semaphore;

use crate::nats_server::NatsServer;

/// The longest that anything is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("job.made")]
pub(crate) struct Made(pub(crate) u32);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("job.done")]
pub(crate) struct Done(pub(crate) u32);

pub(crate) fn jobs() -> Stream {
    Stream::new("JOBS").subjects(["job.>"])
}

/// A node named `shop`, with the stream.
pub(crate) fn shop(server: &NatsServer, stream: Stream) -> NodeBuilder {
    let nats = Nats::url(server.url()).reconnect_waits(Duration::from_millis(5), Duration::from_millis(50));
    Node::builder("shop").connect(nats).durable(stream)
}

pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("it takes too long: {what}"))
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    soon(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// As [`until`], for what has to be asked of somebody else.
pub(crate) async fn until_async(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    soon(what, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

pub(crate) fn named(name: &str) -> SubscribeOptions {
    SubscribeOptions::new().name(name)
}

/// The consumer of a subscriber of run time to `job.made`.
pub(crate) fn consumer_of(name: &str) -> String {
    format!("shop-{name}-job=2Emade")
}

/// The server, from outside.
pub(crate) struct Outside {
    pub(crate) client: async_nats::Client,
    pub(crate) context: Context,
}

impl Outside {
    pub(crate) async fn of(server: &NatsServer) -> Self {
        let client = async_nats::connect(server.url()).await.unwrap();
        let context = async_nats::jetstream::new(client.clone());
        Self { client, context }
    }

    pub(crate) async fn consumer(&self, name: &str) -> Option<PullConsumer> {
        self.context.get_consumer_from_stream(name, "JOBS").await.ok()
    }

    pub(crate) async fn info(&self, consumer: &str) -> Option<Info> {
        self.consumer(consumer).await.map(|consumer| consumer.cached_info().clone())
    }

    /// Waits until the consumer is so.
    pub(crate) async fn until(&self, what: &str, consumer: &str, condition: impl Fn(&Info) -> bool) -> Info {
        let last = Mutex::new(None);
        let found = async {
            loop {
                let info = self.info(consumer).await;
                if let Some(info) = &info
                    && condition(info)
                {
                    return info.clone();
                }
                *last.lock().unwrap() = info;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match tokio::time::timeout(LIMIT, found).await {
            Ok(info) => info,
            Err(_) => panic!("it takes too long: {what}; {:?}", last.lock().unwrap()),
        }
    }
}

/// What handlers have seen.
#[derive(Debug)]
pub(crate) struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn push(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Holds handlers back until it is opened for them.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(crate) async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }

    pub(crate) fn open(&self, times: usize) {
        self.0.add_permits(times);
    }
}
