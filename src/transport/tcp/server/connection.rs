//! One connection: reads frames while it may, hands over what they ask for, and writes what comes back.

use std::future::Future;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncReadExt, ReadBuf};
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep};

use super::Shared;
use super::limits::{self, Exceeded, Standing, Watch};
use super::outbox::Outbox;
use super::packets::{self, Desk, Taken};
use super::socket::Socket;
use super::turns::Turn;
use crate::transport::replies::{Ready, Replies};
use crate::wire::{FrameError, FrameReader, PacketError};

/// How many frames are taken, how many parts of answers, and how often the socket is read, before the thread's other
/// tasks have their turn.
const FRAMES: usize = 128;
const PARTS: usize = 1_024;
const READS: usize = 4;

/// How many bytes a quiet connection reads first.
const FIRST_READ: usize = 2 * 1024;

/// How many bytes a quiet connection may keep for its next replies.
const KEPT: usize = 16 * 1024;

/// How many bytes the frames of the requests in flight may take, or one frame of the longest.
const IN_FLIGHT: usize = 16 * 1024 * 1024;

/// How long a connection that has said its last word waits for the peer's.
const LINGER: Duration = Duration::from_millis(500);

/// One peer.
pub(super) struct Connection<S> {
    stream: S,
    peer: SocketAddr,
    shared: Arc<Shared>,
    ready: Arc<Ready>,
    reader: FrameReader,
    replies: Replies<Box<str>>,
    out: Outbox,
    /// One part of an answer.
    json: Vec<u8>,
    /// Its turn to hand over events, where there are too many.
    turn: Turn,
    /// Reads no more: the server closes, or the peer sends no frames.
    closing: bool,
    /// The peer waits for nothing any more: requests are not begun, but its events are taken.
    gone: bool,
    /// How writing failed, while there are still frames to be taken.
    lost: Option<io::Error>,
    /// Everything is said; runs while the peer may still be sending.
    lingering: Option<Pin<Box<Sleep>>>,
    /// Frames may be there that were read and not taken.
    unread: bool,
    /// A frame that means nothing has been logged.
    odd: bool,
    frames: u64,
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

/// Why no more frames are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// There are none, or they are none.
    NoMore,
    /// As much is in flight as may be, or waits to be written.
    Full,
    /// The thread's other tasks are next.
    Spent,
    /// The connection is woken when it may hand over an event.
    NotItsTurn,
}

/// What a peer sends is not what it should be.
#[derive(Debug, thiserror::Error)]
enum Garbage {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Packet(#[from] PacketError),
}

impl<S: Socket> Connection<S> {
    pub(super) fn new(stream: S, peer: SocketAddr, ready: Arc<Ready>, shared: Arc<Shared>) -> Self {
        let mut look = tokio::time::interval(limits::period(&shared.limits));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            stream,
            peer,
            reader: FrameReader::new(shared.limits.frame),
            replies: Replies::new(Arc::clone(&ready)),
            ready,
            out: Outbox::new(shared.limits.buffered),
            shared,
            json: Vec::new(),
            turn: Turn::default(),
            closing: false,
            gone: false,
            lost: None,
            lingering: None,
            unread: false,
            odd: false,
            frames: 0,
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
        if self.lingering.is_some() {
            return self.finish(cx);
        }
        while self.look.poll_tick(cx).is_ready() {
            if let Some(exceeded) = self.look_at_limits() {
                return Poll::Ready(End::Exceeded(exceeded));
            }
            // Where it is not read, nothing else tells that nobody waits any more.
            if self.is_full() && self.stream.is_hung_up() {
                self.peer_has_gone();
            }
        }
        self.closing |= self.shared.is_closing();
        let (mut frames, mut parts, mut reads) = (FRAMES, PARTS, READS);
        loop {
            self.answer(&mut parts);
            match self.out.poll_write(&mut self.stream, cx) {
                Poll::Ready(Err(error)) => {
                    self.peer_has_gone();
                    self.lost = Some(error);
                }
                // There is room for more answers, and there may be some.
                Poll::Ready(Ok(true)) if parts > 0 => continue,
                Poll::Ready(Ok(_)) | Poll::Pending => {}
            }
            if parts == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let (frames_before, was_closing) = (self.frames, self.closing);
            let stop = self.take_frames(&mut frames, cx);
            if self.frames != frames_before || self.closing != was_closing {
                // What has just been asked for is waited for from its first poll on, and may be refused already.
                continue;
            }
            match stop {
                Stop::NoMore => {}
                // Whatever makes room wakes it.
                Stop::Full | Stop::NotItsTurn => return Poll::Pending,
                Stop::Spent => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
            if let Some(error) = self.lost.take() {
                return Poll::Ready(End::Lost(error));
            }
            if self.closing {
                let is_done = self.replies.is_empty() && self.out.is_empty();
                return if is_done { self.finish(cx) } else { Poll::Pending };
            }
            if self.is_full() {
                return Poll::Pending;
            }
            if reads == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            reads -= 1;
            match ready!(self.read(cx)) {
                Ok(0) => return Poll::Ready(End::Closed),
                Ok(_) => self.unread = true,
                Err(error) => return Poll::Ready(End::Lost(error)),
            }
        }
    }

    /// Reads; 0 is the end.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.reader.capacity() > 0 {
            return pin!(self.stream.read_buf(self.reader.space())).poll(cx);
        }
        // A quiet connection has memory for what it reads when there is something to read.
        let mut first = [MaybeUninit::uninit(); FIRST_READ];
        let mut buffer = ReadBuf::uninit(&mut first);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let read = buffer.filled();
        if !read.is_empty() {
            self.reader.space().extend_from_slice(read);
        }
        Poll::Ready(Ok(read.len()))
    }

    /// Whether no further frame may be taken: the peer has as much in flight as it may, or does not read.
    fn is_full(&self) -> bool {
        let limits = &self.shared.limits;
        self.replies.len() >= limits.in_flight
            || self.replies.bytes() >= limits.frame.max(IN_FLIGHT)
            || self.out.is_full()
    }

    /// Takes frames that have been read.
    fn take_frames(&mut self, left: &mut usize, cx: &mut Context<'_>) -> Stop {
        let left_before = *left;
        let stop = loop {
            if !self.unread {
                break Stop::NoMore;
            }
            if self.is_full() {
                break Stop::Full;
            }
            if *left == 0 {
                break Stop::Spent;
            }
            let Self { shared, replies, out, peer, turn, gone, odd, .. } = self;
            let taken = match self.reader.next() {
                Ok(None) => {
                    self.unread = false;
                    continue;
                }
                Ok(Some(frame)) => {
                    let may_emit = || turn.poll(&shared.turns, &shared.core, cx).is_ready();
                    let out = out.bytes();
                    packets::take(
                        frame,
                        &mut Desk { shared, replies, out, peer: *peer, gone: *gone, odd },
                        may_emit,
                    )
                    .map_err(Garbage::from)
                }
                Err(error) => Err(Garbage::from(error)),
            };
            match taken {
                Ok(Taken::Done) => {
                    *left -= 1;
                    self.frames += 1;
                }
                Ok(Taken::NotItsTurn) => {
                    self.reader.put_back();
                    break Stop::NotItsTurn;
                }
                Err(garbage) => {
                    // What was asked for before is still answered.
                    tracing::warn!(peer = %self.peer, error = %garbage, "a connection is closed");
                    self.closing = true;
                    self.unread = false;
                }
            }
        };
        if *left < left_before || stop == Stop::NoMore {
            self.turn.end();
        }
        stop
    }

    /// Writes down the answers that are there, while there is room.
    fn answer(&mut self, parts: &mut usize) {
        while *parts > 0 && !self.out.is_full() {
            let Self { replies, json, out, peer, shared, .. } = self;
            let taken = replies.poll(json, |json, answered| {
                packets::reply(out.bytes(), json, answered, shared, *peer);
                true
            });
            if taken.is_pending() {
                return;
            }
            *parts -= 1;
        }
    }

    fn peer_has_gone(&mut self) {
        self.gone = true;
        self.replies.clear();
        self.out.clear();
    }

    /// Ends the connection in such a way that the peer gets all that was written: a socket that is closed with
    /// something unread takes its last words back.
    fn finish(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let lingering = match &mut self.lingering {
            Some(lingering) => lingering,
            None => {
                if let Err(error) = ready!(Pin::new(&mut self.stream).poll_shutdown(cx)) {
                    return Poll::Ready(End::Lost(error));
                }
                self.lingering.insert(Box::pin(tokio::time::sleep(LINGER)))
            }
        };
        if lingering.as_mut().poll(cx).is_ready() {
            return Poll::Ready(End::Finished);
        }
        let mut passed_over = [0; 4 * 1024];
        for _ in 0..READS {
            let mut buffer = ReadBuf::new(&mut passed_over);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(End::Finished);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn look_at_limits(&mut self) -> Option<Exceeded> {
        let standing = Standing {
            frames: self.frames,
            written: self.out.written(),
            // What waits here for its turn, or is not read, is not the peer's fault.
            mid_frame: !self.unread && !self.is_full() && self.reader.is_mid_frame(),
            unwritten: !self.out.is_empty(),
            busy: !self.replies.is_empty() || self.unread,
            closing: self.closing,
        };
        let exceeded = self.watch.look(Instant::now(), standing, &self.shared.limits);
        if self.watch.is_quiet() {
            self.reader.rest();
            self.out.rest(KEPT);
            self.json.shrink_to(KEPT);
        }
        exceeded
    }
}
