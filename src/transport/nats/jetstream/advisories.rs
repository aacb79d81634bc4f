//! What the server has given up to deliver becomes a dead letter.
//!
//! A node ends what is delivered too often by itself, when it comes: see [`Lane`](super::lane). The server's own limit
//! is a little higher, for a node that dies before it can do so, and its word of it is a core NATS message: it is missed
//! by a node that does not run, and the server keeps no list of what it has given up.

use std::sync::Arc;

use async_nats::Subscriber;
use futures::StreamExt;
use serde::Deserialize;

use super::consumer::Feed;
use super::delivery::with_id;
use super::lane::too_often;
use super::{Shared, stream};
use crate::event::SharedEvent;
use crate::transport::nats::message::{Misfit, decode};
use crate::transport::nats::subject::group;

#[derive(Deserialize)]
struct Advisory {
    stream: String,
    consumer: String,
    stream_seq: u64,
    #[serde(default)]
    deliveries: u32,
}

/// The subscription to what the server says of one consumer; one instance of the service hears each.
///
/// # Errors
///
/// If the client has been closed.
pub(super) async fn subscribe(shared: &Shared, feed: &Feed) -> Result<Subscriber, String> {
    let subject =
        format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{}.{}", feed.stream.name, feed.consumer);
    let group = group(&shared.node, &feed.inbox.service);
    shared.client.queue_subscribe(subject, group).await.map_err(|error| error.to_string())
}

/// Buries what the server gives up, for as long as it is polled.
pub(super) async fn run(shared: Arc<Shared>, feed: Feed, mut said: Subscriber) {
    while let Some(message) = said.next().await {
        given_up(&shared, &feed, &message.payload).await;
    }
    // The client has been closed; whoever did that ends this too.
    std::future::pending::<()>().await;
}

async fn given_up(shared: &Shared, feed: &Feed, payload: &[u8]) {
    let advisory: Advisory = match serde_json::from_slice(payload) {
        Ok(advisory) => advisory,
        Err(error) => return tracing::error!(%error, "an advisory of the server cannot be read"),
    };
    let Advisory { stream, consumer, stream_seq, deliveries } = advisory;
    let event = match stream::message_at(&shared.context, &stream, stream_seq).await {
        Ok(Some(message)) => match decode(&with_id(&message, &stream, stream_seq)) {
            Ok(event) | Err(Misfit::Unreadable { event, .. }) => event,
            Err(Misfit::Request) => return,
        },
        Ok(None) => {
            tracing::error!(
                stream,
                consumer,
                stream_seq,
                deliveries,
                "the broker has given up an event that it holds no longer"
            );
            return;
        }
        Err(error) => {
            tracing::error!(
                stream,
                consumer,
                stream_seq,
                deliveries,
                error,
                "an event that the broker has given up cannot be fetched"
            );
            return;
        }
    };
    bury(shared, feed, &event, deliveries).await;
}

async fn bury(shared: &Shared, feed: &Feed, event: &SharedEvent, deliveries: u32) {
    let metadata = event.metadata();
    let wants =
        |interests: &[crate::registry::Interest]| interests.iter().any(|it| it.matches(metadata.route()));
    for fed in feed.fed.iter().filter(|fed| wants(&fed.interests)) {
        let (service, pattern) = (&feed.inbox.service, feed.inbox.pattern_of(fed.subscription));
        // A lost acknowledgement is no reason.
        if shared.handled.is_handled(service, pattern, metadata.id()).await.unwrap_or(false) {
            feed.inbox.suppressed(fed.subscription);
            continue;
        }
        let failure = too_often(deliveries, "and has given it up");
        feed.inbox.bury_undelivered(fed.subscription, event, failure, None);
    }
}
