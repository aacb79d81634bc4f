//! Keeps requests in flight on one connection.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use nestling::__private::tool::{Packet, Part, Replies};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;

use super::super::tally::{Clock, Tally};
use crate::failure::Failure;
use crate::tcp::{Connection, TcpAddress, closed, lost};

/// One connection. Writing never waits for reading, nor the other way round: two peers that both only wrote would
/// wait for each other for ever.
struct Asking<'a> {
    stream: TcpStream,
    replies: Replies,
    requests: Requests<'a>,
}

/// The requests of a connection: each has a slot, which is its id, and the frame of a slot is written once.
struct Requests<'a> {
    clock: &'a Clock,
    tally: &'a RefCell<Tally>,
    frames: Vec<Vec<u8>>,
    /// When each was made; none where it is answered.
    begun: Vec<Option<Instant>>,
    in_flight: usize,
    out: Vec<u8>,
    sent: usize,
}

pub(in super::super) async fn run(
    connection: Connection,
    packet: &Packet<'_>,
    in_flight: u32,
    clock: &Clock,
    tally: &RefCell<Tally>,
) -> Result<(), Failure> {
    let address = connection.address().clone();
    let (stream, replies) = connection.into_parts();
    let frame = |id: u32| {
        let mut frame = Vec::new();
        packet.request(&mut frame, u64::from(id)).map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(frame)
    };
    let frames = (0..in_flight).map(frame).collect::<Result<Vec<_>, Failure>>()?;
    let begun = vec![None; frames.len()];
    let mut requests = Requests { clock, tally, frames, begun, in_flight: 0, out: Vec::new(), sent: 0 };
    let now = Instant::now();
    (0..requests.frames.len()).for_each(|slot| requests.ask(slot, now));
    let mut asking = Asking { stream, replies, requests };
    poll_fn(|cx| asking.poll(cx, &address)).await
}

impl Asking<'_> {
    fn poll(&mut self, cx: &mut Context<'_>, address: &TcpAddress) -> Poll<Result<(), Failure>> {
        loop {
            self.write(cx).map_err(|error| lost(address, &error))?;
            if self.requests.in_flight == 0 {
                return Poll::Ready(Ok(()));
            }
            match ready!(pin!(self.stream.read_buf(self.replies.space())).poll(cx)) {
                Ok(0) => return Poll::Ready(Err(closed(address))),
                Ok(_) => self.take_replies(address)?,
                Err(error) => return Poll::Ready(Err(lost(address, &error))),
            }
        }
    }

    /// Writes as much as the socket takes now.
    fn write(&mut self, cx: &mut Context<'_>) -> std::io::Result<()> {
        let Requests { out, sent, .. } = &mut self.requests;
        while *sent < out.len() {
            match Pin::new(&mut self.stream).poll_write(cx, &out[*sent..]) {
                Poll::Ready(written) => *sent += written?,
                Poll::Pending => return Ok(()),
            }
        }
        out.clear();
        *sent = 0;
        Ok(())
    }

    fn take_replies(&mut self, address: &TcpAddress) -> Result<(), Failure> {
        // One look at the clock for all that came together: it would cost as much as the rest.
        let now = Instant::now();
        let Self { replies, requests, .. } = self;
        loop {
            match replies.next(|id, part| requests.answered(id, &part, now)) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(Failure::Unreachable(format!("{address}: {error}"))),
            }
        }
    }
}

impl Requests<'_> {
    fn ask(&mut self, slot: usize, now: Instant) {
        self.out.extend_from_slice(&self.frames[slot]);
        self.begun[slot] = Some(now);
        self.in_flight += 1;
        self.tally.borrow_mut().unanswered += 1;
    }

    fn answered(&mut self, id: u64, part: &Part<'_>, now: Instant) {
        let Ok(slot) = usize::try_from(id) else { return };
        if !part.is_last() {
            return;
        }
        let Some(begun) = self.begun.get_mut(slot).and_then(Option::take) else { return };
        self.in_flight -= 1;
        self.tally.borrow_mut().settled(self.clock, begun, now, part);
        if now < self.clock.end {
            self.ask(slot, now);
        }
    }
}
