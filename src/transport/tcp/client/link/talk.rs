//! The task of a connection while there is one.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until};

use super::run::{GiveUp, Running};
use crate::transport::answer::of_outcome;
use crate::transport::pending::Pending;
use crate::wire::{FrameReader, Reply, mend};

/// How many reads are made before other tasks have their turn.
const TURN: usize = 16;

/// A reader that holds more room than this, in bytes, gives it back when there is nothing in it.
const KEPT: usize = 256 * 1024;

/// How long a connection that we have ended is read on: to close it while something unread is there would tell the
/// peer to throw away what it has not read of ours.
const LINGER: Duration = Duration::from_secs(1);

/// How a connection ended.
pub(super) struct End {
    pub(super) cause: String,
    /// The peer has answered something.
    pub(super) was_of_use: bool,
}

struct Connection<S> {
    stream: S,
    reader: FrameReader,
    was_of_use: bool,
    /// Our end is closed: how long is waited for the peer's.
    linger: Option<Pin<Box<Sleep>>>,
}

impl Running {
    /// Talks to the peer until the connection is lost, or closed and done with.
    pub(super) async fn talk<S>(&mut self, stream: S) -> Result<End, GiveUp>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let reader = FrameReader::new(self.shared.options.max_frame);
        let mut connection = Connection { stream, reader, was_of_use: false, linger: None };
        self.forget_unwanted();
        let cause = poll_fn(|cx| self.poll_talk(&mut connection, cx)).await?;
        Ok(End { cause, was_of_use: connection.was_of_use })
    }

    /// Ready with the reason why the connection has ended.
    fn poll_talk<S>(&mut self, to: &mut Connection<S>, cx: &mut Context<'_>) -> Poll<Result<String, GiveUp>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        for _ in 0..TURN {
            match self.poll_write(to, cx) {
                Poll::Ready(Err(error)) => return Poll::Ready(Ok(error.to_string())),
                Poll::Ready(Ok(())) if self.is_closing() => {
                    if let Poll::Ready(Err(error)) = to.poll_end(cx) {
                        return Poll::Ready(Ok(error.to_string()));
                    }
                }
                _ => {}
            }
            match to.poll_read(&mut self.pending, cx) {
                Poll::Ready(Err(cause)) => return Poll::Ready(Ok(cause)),
                Poll::Ready(Ok(())) => {}
                Poll::Pending => return self.poll_deadlines(cx).map(|end| end.map(|()| String::new())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Writes what there is; ready when there is nothing left.
    fn poll_write<S>(&mut self, to: &mut Connection<S>, cx: &mut Context<'_>) -> Poll<io::Result<()>>
    where
        S: AsyncWrite + Unpin,
    {
        loop {
            self.take(cx);
            if self.outbox.is_empty() {
                return Pin::new(&mut to.stream).poll_flush(cx);
            }
            match ready!(Pin::new(&mut to.stream).poll_write(cx, self.outbox.unwritten()))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.outbox.advance(written),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Reads once, and answers what was asked; an error is the reason why the connection has ended.
    fn poll_read(&mut self, pending: &mut Pending, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        let read = pin!(self.stream.read_buf(self.reader.space()));
        match ready!(read.poll(cx)) {
            Ok(0) if self.reader.is_mid_frame() => {
                Poll::Ready(Err("the peer closed it in mid-frame".to_owned()))
            }
            Ok(0) => Poll::Ready(Err("the peer closed it".to_owned())),
            Ok(_) => {
                let answered = self.answer_all(pending);
                if self.reader.capacity() > KEPT {
                    self.reader.rest();
                }
                Poll::Ready(answered)
            }
            Err(error) => Poll::Ready(Err(error.to_string())),
        }
    }

    fn answer_all(&mut self, pending: &mut Pending) -> Result<(), String> {
        while let Some(frame) = self.reader.next().map_err(|error| error.to_string())? {
            let frame = mend(frame);
            let reply = Reply::read(&frame).map_err(|error| error.to_string())?;
            self.was_of_use = true;
            // Another's id, or one that nobody waits for any more.
            let Some(ticket) = reply.id.and_then(id).and_then(|id| pending.remove(id)) else { continue };
            ticket.answer(of_outcome(reply.outcome()));
        }
        Ok(())
    }

    /// Closes our end, and waits for the peer to close its own.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        let linger = self.linger.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + LINGER)));
        linger.as_mut().poll(cx).map(|()| Err(io::Error::other("the client was closed")))
    }
}

/// One of our ids: a number in a JSON string.
fn id(id: &RawValue) -> Option<u64> {
    id.get().strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}
