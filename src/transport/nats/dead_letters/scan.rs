//! Reads many messages of the stream, as they are now.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use futures::StreamExt;

use super::shelf::{failed, unreadable};
use crate::dead_letter::StoreError;

/// How many messages are asked for at a time.
const BATCH: usize = 256;

/// How long they may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The server forgets a reader that has gone after this time.
const FORGET: Duration = Duration::from_secs(30);

/// What is to be read.
pub(super) struct Wanted {
    pub(super) subjects: String,
    /// From this place on.
    pub(super) from: u64,
    pub(super) headers_only: bool,
}

/// Reads from the first message to the last one there is when it has got there. A letter that changes meanwhile may come
/// twice; none is left out.
pub(super) struct Scan {
    stream: Stream,
    consumer: Consumer<pull::Config>,
    /// Nothing is left on the server.
    done: bool,
}

impl Scan {
    pub(super) async fn new(stream: Stream, wanted: Wanted) -> Result<Self, StoreError> {
        let config = pull::Config {
            deliver_policy: if wanted.from <= 1 {
                DeliverPolicy::All
            } else {
                DeliverPolicy::ByStartSequence { start_sequence: wanted.from }
            },
            ack_policy: AckPolicy::None,
            filter_subject: wanted.subjects,
            headers_only: wanted.headers_only,
            inactive_threshold: FORGET,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(failed)?;
        let done = consumer.cached_info().num_pending == 0;
        Ok(Self { stream, consumer, done })
    }

    /// The next messages; none when all have been read.
    pub(super) async fn next(&mut self) -> Result<Vec<Message>, StoreError> {
        if self.done {
            let _ = self.stream.delete_consumer(&self.consumer.cached_info().name).await;
            return Ok(Vec::new());
        }
        let read = async {
            let mut batch = self.consumer.fetch().max_messages(BATCH).messages().await.map_err(failed)?;
            let mut messages = Vec::new();
            while let Some(message) = batch.next().await {
                messages.push(message.map_err(unreadable)?);
            }
            Ok(messages)
        };
        let messages = tokio::time::timeout(PATIENCE, read)
            .await
            .map_err(|_| StoreError::Failed(format!("the server has not sent them within {PATIENCE:?}")))??;
        self.done = match messages.last() {
            Some(last) => last.info().map_err(unreadable)?.pending == 0,
            None => true,
        };
        if messages.is_empty() { Box::pin(self.next()).await } else { Ok(messages) }
    }
}
