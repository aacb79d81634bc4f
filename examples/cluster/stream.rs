//! What the broker knows: how many events there are, and how many wait for a service.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::PullConsumer;
use futures::{StreamExt, TryStreamExt};
use nestling::Stream;

use crate::cli::Role;
use crate::error::ClusterError;

const NAME: &str = "SHOP";

/// The stream of all events, as every process of the shop declares it.
pub(crate) fn declared() -> Stream {
    Stream::new(NAME).subjects(["order.>", "user.>"])
}

/// The stream, as the broker has it.
pub(crate) struct Shop {
    stream: jetstream::stream::Stream,
}

fn failed(error: impl std::fmt::Display) -> ClusterError {
    ClusterError::Stream(error.to_string())
}

impl Shop {
    pub(crate) async fn open(nats: &str) -> Result<Self, ClusterError> {
        let client = async_nats::connect(nats).await.map_err(failed)?;
        let stream = jetstream::new(client).get_stream(NAME).await.map_err(failed)?;
        Ok(Self { stream })
    }

    /// How many events were published on a subject.
    pub(crate) async fn published(&self, subject: &str) -> Result<u64, ClusterError> {
        let mut subjects = self.stream.info_with_subjects(subject).await.map_err(failed)?;
        let mut published = 0;
        while let Some((_, count)) = subjects.try_next().await.map_err(failed)? {
            published += count as u64;
        }
        Ok(published)
    }

    /// How many events a service has not finished, in all its consumers.
    pub(crate) async fn waiting(&self, role: Role) -> Result<u64, ClusterError> {
        let mut waiting = 0;
        let prefix = format!("shop-{}", role.name());
        let mut consumers = self.stream.consumers();
        while let Some(consumer) = consumers.next().await {
            let info = consumer.map_err(failed)?;
            if info.name.starts_with(&prefix) {
                let mut consumer: PullConsumer =
                    self.stream.get_consumer(&info.name).await.map_err(failed)?;
                let info = consumer.info().await.map_err(failed)?;
                waiting += info.num_pending + info.num_ack_pending as u64;
            }
        }
        Ok(waiting)
    }

    /// Waits until a service has finished all that was published.
    pub(crate) async fn idle(&self, role: Role) -> Result<(), ClusterError> {
        while self.waiting(role).await? > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}
