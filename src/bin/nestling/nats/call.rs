//! One request, and its replies.

use async_nats::{StatusCode, Subscriber};
use futures::StreamExt;
use nestling::__private::tool::{Packet, Part, read_reply};

use super::Connection;
use crate::failure::Failure;

/// The id of the only request of an inbox.
const ID: u64 = 1;

/// A request that was made.
pub(crate) struct Call {
    connection: Connection,
    replies: Subscriber,
}

impl Call {
    /// Makes a request, whose replies come to an inbox of its own.
    pub(crate) async fn make(
        connection: Connection,
        subject: String,
        packet: &Packet<'_>,
    ) -> Result<Self, Failure> {
        let body = packet.request_body(ID).map_err(|error| Failure::Usage(error.to_string()))?;
        let inbox = connection.client().new_inbox();
        let replies = connection.subscribe(inbox.clone()).await?;
        connection.publish(subject, Some(inbox), packet.headers, body.into()).await?;
        Ok(Self { connection, replies })
    }

    /// Waits for the next part of the response.
    pub(crate) async fn next<T>(&mut self, mut take: impl FnMut(Part<'_>) -> T) -> Result<T, Failure> {
        loop {
            let message = tokio::select! {
                biased;
                message = self.replies.next() => message,
                trouble = self.connection.trouble() => return Err(trouble),
            };
            let Some(message) = message else {
                return Err(self.connection.failed("the connection was lost"));
            };
            if message.status == Some(StatusCode::NO_RESPONDERS) {
                return Ok(take(Part::NoHandler));
            }
            let taken = read_reply(&message.payload, ID, &mut take);
            if let Some(taken) = taken.map_err(|error| self.connection.failed(&error.to_string()))? {
                return Ok(taken);
            }
        }
    }
}
