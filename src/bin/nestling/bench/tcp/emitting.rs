//! Emits events on one connection, as fast as the socket takes them.

use std::cell::RefCell;
use std::time::Instant;

use nestling::__private::tool::Packet;

use super::super::tally::{Clock, Tally};
use crate::failure::Failure;
use crate::tcp::Connection;

/// How many bytes are handed over at once.
const BLOCK: usize = 64 * 1024;

pub(in super::super) async fn run(
    mut connection: Connection,
    packet: &Packet<'_>,
    clock: &Clock,
    tally: &RefCell<Tally>,
) -> Result<(), Failure> {
    let mut frame = Vec::new();
    packet.event(&mut frame).map_err(|error| Failure::Usage(error.to_string()))?;
    let events = (BLOCK / frame.len()).max(1);
    let block = frame.repeat(events);
    loop {
        // A service that reads no more at the end of the time keeps nobody waiting.
        match tokio::time::timeout_at(clock.end.into(), connection.write(&block)).await {
            Ok(written) => written?,
            Err(_) => return Ok(()),
        }
        let now = Instant::now();
        if clock.measures(now) {
            tally.borrow_mut().done += events as u64;
        }
        if now >= clock.end {
            return connection.finish().await;
        }
        // A socket that takes all at once would never let the other connections have their turn.
        tokio::task::yield_now().await;
    }
}
