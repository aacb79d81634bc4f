//! Emits events on one connection, as fast as the NATS server takes them.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use bytes::Bytes;
use nestling::__private::tool::Packet;

use super::super::tally::{Clock, Tally};
use crate::failure::Failure;
use crate::nats::{Connection, headers_of};
use crate::waiting::within;

/// How many events are handed over between two looks at the clock.
const BLOCK: u64 = 256;

pub(in super::super) async fn run(
    mut connection: Connection,
    subject: String,
    packet: &Packet<'_>,
    clock: &Clock,
    tally: &RefCell<Tally>,
    patience: Duration,
) -> Result<(), Failure> {
    let subject = async_nats::Subject::from(subject);
    let body = Bytes::from(packet.event_body().map_err(|error| Failure::Usage(error.to_string()))?);
    let headers = headers_of(packet.headers)?;
    connection.check(body.len())?;
    let client = connection.client().clone();
    let block = || async {
        for _ in 0..BLOCK {
            let published = match &headers {
                Some(headers) => {
                    client.publish_with_headers(subject.clone(), headers.clone(), body.clone()).await
                }
                None => client.publish(subject.clone(), body.clone()).await,
            };
            published.map_err(|error| Failure::Unreachable(error.to_string()))?;
        }
        Ok::<_, Failure>(())
    };
    loop {
        // A server that reads no more at the end of the time keeps nobody waiting.
        tokio::select! {
            biased;
            trouble = connection.trouble() => return Err(trouble),
            handed = tokio::time::timeout_at(clock.end.into(), block()) => match handed {
                Ok(handed) => handed?,
                Err(_) => break,
            },
        }
        let now = Instant::now();
        if clock.measures(now) {
            tally.borrow_mut().done += BLOCK;
        }
        if now >= clock.end {
            break;
        }
        // A channel that takes all at once would never let the other connections have their turn.
        tokio::task::yield_now().await;
    }
    let address = connection.address().clone();
    within(patience, address, "the events were not taken", connection.settle()).await
}
