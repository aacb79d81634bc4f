//! Takes what passes, and tells what becomes of the connection.

use std::time::Duration;

use async_nats::{Event, Message};
use futures::{FutureExt, StreamExt};
use nestling::__private::tool::Published;

use super::Args;
use super::line::Lines;
use crate::failure::{Failure, tell};
use crate::nats::Connection;
use crate::output::Output;
use crate::waiting::within;

pub(super) async fn run(
    args: &Args,
    mut connection: Connection,
    subject: String,
    mut lines: Lines,
    output: &mut Output,
) -> Result<(), Failure> {
    let address = args.address.clone();
    let mut messages = connection.subscribe(subject.clone()).await?;
    within(args.timeout, &address, "the subscription was not taken", connection.settle()).await?;
    tell(&format!("nestling: listening to {subject} at {address}"));
    let mut left = args.count.unwrap_or(u64::MAX);
    let mut watch = Watch::default();
    loop {
        let message = tokio::select! {
            biased;
            event = connection.event() => {
                watch.happened(&event, &connection)?;
                continue;
            }
            message = messages.next() => message,
        };
        let mut there = Some(message.ok_or_else(|| connection.failed("the connection is closed"))?);
        while let Some(message) = there {
            if let Some(published) = seen(&message, &subject, args.requests) {
                lines.print(&message, &published, output)?;
                left -= 1;
            }
            if left == 0 {
                return Ok(());
            }
            there = messages.next().now_or_never().flatten();
        }
        output.flush()?;
    }
}

/// What is to be shown of it, if it is.
fn seen(message: &Message, asked: &str, requests: bool) -> Option<Published> {
    // As in Nestling, no leading wildcard matches these.
    let own = |prefix: &str| message.subject.starts_with(prefix) && !asked.starts_with(prefix);
    if own("$") || own("_INBOX.") {
        return None;
    }
    let published = Published::read(&message.payload, &message.subject);
    (published.id.is_none() || requests).then_some(published)
}

/// What was told about the connection.
#[derive(Default)]
struct Watch {
    is_lost: bool,
    told_slow: Option<std::time::Instant>,
}

/// How often it is told that events are missed.
const SELDOM: Duration = Duration::from_secs(1);

impl Watch {
    fn happened(&mut self, event: &Event, connection: &Connection) -> Result<(), Failure> {
        let say = |what: &str| tell(&format!("nestling: {}: {what}", connection.address()));
        match event {
            Event::Disconnected => {
                self.is_lost = true;
                say("the connection was lost; trying again");
            }
            Event::Connected if self.is_lost => {
                self.is_lost = false;
                say("connected again; what passed in between was not seen");
            }
            Event::SlowConsumer(_) if self.told_slow.is_none_or(|told| told.elapsed() >= SELDOM) => {
                self.told_slow = Some(std::time::Instant::now());
                say("events pass faster than they are printed: some were not seen");
            }
            Event::ServerError(error) => return Err(connection.failed(&error.to_string())),
            Event::Closed => return Err(connection.failed("the connection is closed")),
            _ => {}
        }
        Ok(())
    }
}
