//! Which nodes are there: each renews a message of its own, which the server forgets after the lease.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::shelf::failed;
use crate::dead_letter::StoreError;

/// How often a lease is renewed within its time.
const BEATS: u32 = 3;

/// The lease of this store's session, and the way to look for others'.
#[derive(Debug)]
pub(super) struct Lease {
    stream: Stream,
    prefix: String,
    session: String,
    lasts: Duration,
    /// Since when it has been renewed without a gap.
    since: Mutex<Option<Instant>>,
}

impl Lease {
    pub(super) fn new(stream: Stream, prefix: String, session: String) -> Self {
        let lasts = stream.cached_info().config.max_age;
        Self { stream, prefix, session, lasts, since: Mutex::default() }
    }

    fn subject(&self, session: &str) -> String {
        format!("{}_leases.{session}", self.prefix)
    }

    /// Says once that this session is there.
    pub(super) async fn renew(&self, context: &Context) -> Result<(), StoreError> {
        let renewed = async {
            let ack = context.publish(self.subject(&self.session), "".into()).await.map_err(failed)?;
            ack.await.map(drop).map_err(failed)
        };
        let renewed = renewed.await;
        let mut since = self.since.lock();
        match &renewed {
            Ok(()) => *since = since.or_else(|| Some(Instant::now())),
            Err(_) => *since = None,
        }
        renewed
    }

    /// Renews the lease for as long as the store is open.
    pub(super) async fn keep(self: Arc<Self>, context: Context) {
        loop {
            tokio::time::sleep(self.lasts / BEATS).await;
            // Where the server is away, its other users say so.
            if let Err(error) = self.renew(&context).await {
                tracing::debug!(%error, "the lease for dead letters is not renewed");
            }
        }
    }

    /// Gives the lease back.
    pub(super) async fn end(&self) {
        let _ = self.stream.purge().filter(self.subject(&self.session)).await;
    }

    /// Whether another session is there. Who has not been there itself for a whole lease cannot know: the others may have
    /// been cut off from the server as it was.
    ///
    /// # Errors
    ///
    /// If the server cannot be asked.
    pub(super) async fn is_there(&self, session: &str) -> Result<bool, StoreError> {
        let since = *self.since.lock();
        match self.stream.get_last_raw_message_by_subject(&self.subject(session)).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                Ok(since.is_none_or(|since| since.elapsed() < self.lasts))
            }
            Err(error) => Err(failed(error)),
        }
    }
}
