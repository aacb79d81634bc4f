//! Keeps requests in flight on one connection. Their replies come to one inbox, where the last part of the subject says
//! which request each is for.

use std::cell::RefCell;
use std::time::Instant;

use async_nats::{HeaderMap, Message, StatusCode, Subject};
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use nestling::__private::tool::{Packet, Part, read_reply};

use super::super::tally::{Clock, Tally};
use crate::failure::Failure;
use crate::nats::{Connection, headers_of};

/// The requests of a connection: each has a slot, which is its id.
struct Requests<'a> {
    connection: Connection,
    clock: &'a Clock,
    tally: &'a RefCell<Tally>,
    subject: Subject,
    headers: Option<HeaderMap>,
    slots: Vec<Slot>,
    in_flight: usize,
}

struct Slot {
    body: Bytes,
    reply: Subject,
    /// When its request was made; none where it is answered.
    begun: Option<Instant>,
}

pub(in super::super) async fn run(
    connection: Connection,
    subject: String,
    packet: &Packet<'_>,
    in_flight: u32,
    clock: &Clock,
    tally: &RefCell<Tally>,
) -> Result<(), Failure> {
    let inbox = connection.client().new_inbox();
    let slot = |id: u32| {
        let body = packet.request_body(id.into()).map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(Slot { body: body.into(), reply: format!("{inbox}.{id}").into(), begun: None })
    };
    let slots = (0..in_flight).map(slot).collect::<Result<Vec<_>, Failure>>()?;
    slots.last().map_or(Ok(()), |longest| connection.check(longest.body.len()))?;
    let (subject, headers) = (subject.into(), headers_of(packet.headers)?);
    let mut replies = connection.subscribe(format!("{inbox}.*")).await?;
    let mut requests = Requests { connection, clock, tally, subject, headers, slots, in_flight: 0 };
    let now = Instant::now();
    for slot in 0..requests.slots.len() {
        requests.ask(slot, now).await?;
    }
    while requests.in_flight > 0 {
        let message = tokio::select! {
            biased;
            message = replies.next() => message,
            trouble = requests.connection.trouble() => return Err(trouble),
        };
        // One look at the clock for all that came together: it would cost as much as the rest.
        let now = Instant::now();
        let mut there = message;
        while let Some(message) = there {
            requests.take(&message, now).await?;
            there = replies.next().now_or_never().flatten();
        }
    }
    Ok(())
}

impl Requests<'_> {
    async fn ask(&mut self, slot: usize, now: Instant) -> Result<(), Failure> {
        let Slot { body, reply, begun } = &mut self.slots[slot];
        *begun = Some(now);
        self.in_flight += 1;
        self.tally.borrow_mut().unanswered += 1;
        let (subject, reply, body) = (self.subject.clone(), reply.clone(), body.clone());
        let client = self.connection.client();
        let asked = match &self.headers {
            Some(headers) => {
                client.publish_with_reply_and_headers(subject, reply, headers.clone(), body).await
            }
            None => client.publish_with_reply(subject, reply, body).await,
        };
        asked.map_err(|error| self.connection.failed(&error.to_string()))
    }

    async fn take(&mut self, message: &Message, now: Instant) -> Result<(), Failure> {
        let id = message.subject.rsplit('.').next().and_then(|id| id.parse::<usize>().ok());
        let Some(id) = id.filter(|id| *id < self.slots.len()) else { return Ok(()) };
        let answered = if message.status == Some(StatusCode::NO_RESPONDERS) {
            self.answered(id, &Part::NoHandler, now)
        } else {
            let read = read_reply(&message.payload, id as u64, |part| self.answered(id, &part, now));
            read.map_err(|error| self.connection.failed(&error.to_string()))?.unwrap_or(false)
        };
        if answered && now < self.clock.end {
            self.ask(id, now).await?;
        }
        Ok(())
    }

    /// Whether the slot is free now.
    fn answered(&mut self, slot: usize, part: &Part<'_>, now: Instant) -> bool {
        if !part.is_last() {
            return false;
        }
        let Some(begun) = self.slots[slot].begun.take() else { return false };
        self.in_flight -= 1;
        self.tally.borrow_mut().settled(self.clock, begun, now, part);
        true
    }
}
