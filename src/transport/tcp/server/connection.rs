//! One connection: reads frames while it may, hands over what they ask for, and writes what comes back.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::Shared;
use super::limits::{self, Exceeded, Standing, Watch};
use super::packets;
use super::replies::{Ready, Replies};
use crate::wire::{FrameError, FrameReader, PacketError};

/// How many frames are taken before the thread's other tasks have their turn.
const TURN: usize = 128;

/// How many events may wait for the node's registry before no more are read.
const BACKLOG: u64 = 1_024;

/// How many bytes a quiet connection may keep for its next replies.
const KEPT: usize = 16 * 1024;

/// One peer.
pub(super) struct Connection<S> {
    stream: S,
    peer: SocketAddr,
    shared: Arc<Shared>,
    ready: Arc<Ready>,
    reader: FrameReader,
    replies: Replies,
    out: Vec<u8>,
    /// What of `out` has been written.
    sent: usize,
    /// One part of an answer.
    json: Vec<u8>,
    /// Takes no more frames: it is to end, or the peer sends none.
    closing: bool,
    /// Frames may be there that were read and not taken.
    unread: bool,
    frames: u64,
    written: u64,
    watch: Watch,
    look: Interval,
}

/// Why a connection ended.
enum End {
    /// The peer closed it.
    Closed,
    /// It was to end, and everything in flight is answered.
    Finished,
    /// The node takes no time over it any more.
    Aborted,
    Lost(io::Error),
    Exceeded(Exceeded),
}

/// What a peer sends is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum Garbage {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Packet(#[from] PacketError),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(stream: S, peer: SocketAddr, ready: Arc<Ready>, shared: Arc<Shared>) -> Self {
        let mut look = tokio::time::interval(limits::period(&shared.limits));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            stream,
            peer,
            reader: FrameReader::new(shared.limits.frame),
            replies: Replies::new(Arc::clone(&ready)),
            ready,
            shared,
            out: Vec::new(),
            sent: 0,
            json: Vec::new(),
            closing: false,
            unread: false,
            frames: 0,
            written: 0,
            watch: Watch::new(),
            look,
        }
    }

    pub(super) async fn run(mut self) {
        let end = std::future::poll_fn(|cx| self.poll(cx)).await;
        let (peer, unanswered) = (self.peer, self.replies.len());
        match end {
            End::Closed | End::Finished | End::Aborted => {
                tracing::debug!(%peer, unanswered, "a connection ended");
            }
            End::Lost(error) => tracing::debug!(%peer, %error, unanswered, "a connection was lost"),
            End::Exceeded(Exceeded::Idle(after)) => {
                tracing::debug!(%peer, ?after, "an idle connection was closed");
            }
            End::Exceeded(limit) => tracing::warn!(%peer, %limit, unanswered, "a connection was closed"),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.ready.set_waker(cx.waker());
        if self.ready.is_aborted() {
            return Poll::Ready(End::Aborted);
        }
        while self.look.poll_tick(cx).is_ready() {
            if let Some(exceeded) = self.look_at_limits() {
                return Poll::Ready(End::Exceeded(exceeded));
            }
        }
        self.closing |= self.shared.is_closing();
        let mut turn = TURN;
        loop {
            self.answer();
            match self.write(cx) {
                Poll::Ready(Err(error)) => return Poll::Ready(End::Lost(error)),
                // There is room for more answers, and there may be some.
                Poll::Ready(Ok(true)) => continue,
                Poll::Ready(Ok(false)) | Poll::Pending => {}
            }
            if self.closing {
                let finished = self.replies.is_empty() && self.out.is_empty();
                return if finished { self.finish(cx) } else { Poll::Pending };
            }
            let before = self.frames;
            if !self.take_frames(&mut turn) {
                // Its neighbours first.
                self.answer();
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if self.closing || self.frames != before {
                // What has just been asked for is waited for from its first poll on, and may be refused already.
                continue;
            }
            if self.unread || self.is_full() {
                // Whatever makes room for more wakes it.
                return Poll::Pending;
            }
            match pin!(self.stream.read_buf(self.reader.space())).poll(cx) {
                Poll::Ready(Ok(0)) => return Poll::Ready(End::Closed),
                Poll::Ready(Ok(_)) => self.unread = true,
                Poll::Ready(Err(error)) => return Poll::Ready(End::Lost(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Whether no further frame may be taken: the peer has as much in flight as it may, or does not read.
    fn is_full(&self) -> bool {
        self.replies.len() >= self.shared.limits.in_flight || self.has_much_to_write()
    }

    fn has_much_to_write(&self) -> bool {
        self.out.len() - self.sent >= self.shared.limits.buffered
    }

    /// Takes frames that have been read; false if it has taken as many as it may for now.
    fn take_frames(&mut self, turn: &mut usize) -> bool {
        while self.unread && !self.is_full() {
            if *turn == 0 || self.shared.core.counters.backlog() > BACKLOG {
                return false;
            }
            let taken = match self.reader.next() {
                Ok(Some(frame)) => {
                    *turn -= 1;
                    self.frames += 1;
                    let Self { shared, replies, out, peer, .. } = self;
                    packets::take(frame, &mut packets::Desk { shared, replies, out, peer: *peer })
                        .map_err(Garbage::from)
                }
                Ok(None) => {
                    self.unread = false;
                    return true;
                }
                Err(error) => Err(Garbage::from(error)),
            };
            if let Err(garbage) = taken {
                // What was asked for before is still answered.
                tracing::warn!(peer = %self.peer, error = %garbage, "a connection is closed");
                self.closing = true;
                return true;
            }
        }
        true
    }

    /// Writes down the answers that are there, while there is room.
    fn answer(&mut self) {
        while !self.has_much_to_write() {
            let Self { replies, json, out, peer, .. } = self;
            if replies.poll(json, |json, answered| packets::reply(out, json, answered, *peer)).is_pending() {
                return;
            }
        }
    }

    /// Writes what there is to write; true if it had been so much that no more answers were taken.
    fn write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let was_full = self.has_much_to_write();
        while self.sent < self.out.len() {
            match Pin::new(&mut self.stream).poll_write(cx, &self.out[self.sent..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(bytes)) => {
                    self.sent += bytes;
                    self.written += bytes as u64;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.forget_sent();
                    return match was_full && !self.has_much_to_write() {
                        true => Poll::Ready(Ok(true)),
                        false => Poll::Pending,
                    };
                }
            }
        }
        self.out.clear();
        self.sent = 0;
        self.out.shrink_to(2 * self.shared.limits.buffered);
        // TLS keeps what it has encrypted until it is told.
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(was_full)),
        }
    }

    /// Moves what is left to the front, when that is little against what has gone.
    fn forget_sent(&mut self) {
        if self.sent > self.out.len() / 2 {
            self.out.drain(..self.sent);
            self.sent = 0;
        }
    }

    fn finish(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        match Pin::new(&mut self.stream).poll_shutdown(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(End::Finished),
            Poll::Ready(Err(error)) => Poll::Ready(End::Lost(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn look_at_limits(&mut self) -> Option<Exceeded> {
        let standing = Standing {
            frames: self.frames,
            written: self.written,
            // What waits for its turn here is not the peer's fault.
            mid_frame: !self.unread && self.reader.is_mid_frame(),
            unwritten: !self.out.is_empty(),
            busy: !self.replies.is_empty(),
            closing: self.closing,
        };
        let exceeded = self.watch.look(Instant::now(), standing, &self.shared.limits);
        if self.watch.is_quiet() {
            self.reader.rest();
            self.out.shrink_to(KEPT);
            self.json.shrink_to(KEPT);
        }
        exceeded
    }
}
