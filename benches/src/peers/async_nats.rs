//! async-nats alone: what it takes to carry bytes over NATS, without patterns, metadata or supervision.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{Context, context, stream};
use async_nats::{HeaderMap, HeaderName};
use bytes::Bytes;
use futures::StreamExt;

use crate::durable::{Handled, KEPT, PREFETCH, Publish};
use crate::echo::{Echo, on_its_own_runtime};

const SUBJECT: &str = "raw.echo";

/// Starts a responder on a thread of its own, which sends back what comes.
///
/// # Panics
///
/// If it does not start.
pub fn serve(url: String) {
    on_its_own_runtime(|started| async move {
        let client = async_nats::connect(url).await.expect("the server is there");
        let mut requests = client.subscribe(SUBJECT).await.expect("it subscribes");
        client.flush().await.expect("the server is there");
        started.send(()).expect("the bench waits for it");
        while let Some(request) = requests.next().await {
            let reply = request.reply.expect("it asks");
            client.publish(reply, request.payload).await.expect("it replies");
        }
    });
}

/// A client with its one connection.
pub struct Client(async_nats::Client);

impl Client {
    /// Connects.
    ///
    /// # Panics
    ///
    /// If the server is not there.
    pub async fn connect(url: &str) -> Self {
        Self(async_nats::connect(url).await.expect("the server is there"))
    }
}

impl Echo for Client {
    async fn echo(&self, text: String) -> String {
        let reply = self.0.request(SUBJECT, text.into()).await.expect("the responder echoes");
        String::from_utf8(reply.payload.into()).expect("what was sent is text")
    }
}

/// How a stream is consumed.
#[derive(Debug, Clone, Copy)]
pub enum Consumption {
    /// As many unacknowledged as were fetched.
    Many,
    /// One unacknowledged at a time: that is what order costs.
    Ordered,
}

/// What travels with each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headers {
    /// Nothing.
    None,
    /// `Nats-Msg-Id`, by which the server tells duplicates.
    Id,
    /// Those that Nestling sends: that one, the event's own id, and the attributes of a CloudEvent.
    Nestling,
}

/// Publishes to a stream that has a consumer.
pub struct Publisher {
    context: Context,
    subject: String,
    headers: Headers,
    /// The next message's number.
    next: AtomicU64,
}

impl Publisher {
    /// Makes the stream `name`, and starts its consumer on a thread of its own.
    ///
    /// # Panics
    ///
    /// If the server does not have it so.
    pub async fn start(
        url: &str,
        name: &'static str,
        consumption: Consumption,
        headers: Headers,
        handled: &Arc<Handled>,
    ) -> Self {
        let client = async_nats::connect(url).await.expect("the server is there");
        let context = async_nats::jetstream::new(client);
        let subject = format!("raw.{name}");
        let config = stream::Config {
            name: name.to_owned(),
            subjects: vec![subject.clone()],
            max_messages: KEPT as i64,
            ..stream::Config::default()
        };
        context.create_stream(config).await.expect("the server has JetStream");
        let (url, handled) = (url.to_owned(), Arc::clone(handled));
        on_its_own_runtime(move |started| async move {
            let mut messages = consumer(&url, name, consumption).await;
            started.send(()).expect("the bench waits for it");
            while let Some(message) = messages.next().await {
                let message = message.expect("the consumer is there");
                handled.one();
                message.ack().await.expect("the connection is there");
            }
        });
        Self { context, subject, headers, next: AtomicU64::default() }
    }

    fn headers(&self) -> Option<HeaderMap> {
        if self.headers == Headers::None {
            return None;
        }
        // As long as a UUID.
        let id = format!("{:036}", self.next.fetch_add(1, Ordering::Relaxed));
        let mut headers = HeaderMap::new();
        if self.headers == Headers::Nestling {
            for (name, value) in [
                ("x-message-id", &*id),
                ("ce-id", &*id),
                ("ce-specversion", "1.0"),
                ("ce-source", "/nestling/publisher"),
                ("ce-type", &*self.subject),
                ("ce-time", "2026-11-23T08:00:00.123456789Z"),
            ] {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers.insert(NATS_MESSAGE_ID, id);
        Some(headers)
    }
}

async fn consumer(url: &str, name: &str, consumption: Consumption) -> pull::Stream {
    let client = async_nats::connect(url).await.expect("the server is there");
    let stream = async_nats::jetstream::new(client).get_stream(name).await.expect("it was made");
    let unacknowledged = match consumption {
        Consumption::Many => PREFETCH,
        Consumption::Ordered => 1,
    };
    let config = pull::Config {
        durable_name: Some("bench".to_owned()),
        ack_policy: AckPolicy::Explicit,
        max_ack_pending: unacknowledged as i64,
        ..pull::Config::default()
    };
    let consumer = stream.create_consumer(config).await.expect("the server takes it");
    consumer.stream().max_messages_per_batch(PREFETCH).messages().await.expect("it begins")
}

impl Publish for Publisher {
    async fn publish(&self, text: String) {
        let (subject, body) = (self.subject.clone(), Bytes::from(text));
        let stored: context::PublishAckFuture = match self.headers() {
            None => self.context.publish(subject, body).await,
            Some(headers) => self.context.publish_with_headers(subject, headers, body).await,
        }
        .expect("the connection is there");
        stored.await.expect("the server stores it");
    }
}
