//! What a connection has still to write.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// Bytes on their way to the peer.
pub(super) struct Outbox {
    bytes: Vec<u8>,
    /// What of them has gone.
    sent: usize,
    /// How many bytes may wait before no more are added.
    limit: usize,
    /// What has been written has gone further than this process: TLS keeps what it has encrypted until it is told.
    flushed: bool,
    /// All that was ever written, in bytes.
    written: u64,
}

impl Outbox {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), sent: 0, limit, flushed: true, written: 0 }
    }

    /// To add to.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whether nothing more may be added.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() - self.sent >= self.limit
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.flushed
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Writes what it can. True if it was full and is not any more; then whatever else is to be written may be added,
    /// and only a second call tells the socket to wake its task.
    pub(super) fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        let was_full = self.is_full();
        while self.sent < self.bytes.len() {
            match Pin::new(&mut *stream).poll_write(cx, &self.bytes[self.sent..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(bytes)) => {
                    self.sent += bytes;
                    self.written += bytes as u64;
                    self.flushed = false;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.forget_sent();
                    return if was_full && !self.is_full() { Poll::Ready(Ok(true)) } else { Poll::Pending };
                }
            }
        }
        self.clear();
        // One reply may have been far longer than the limit.
        self.bytes.shrink_to(2 * self.limit);
        if !self.flushed {
            match Pin::new(stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.flushed = true,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
        }
        Poll::Ready(Ok(was_full))
    }

    /// Forgets what has not been written.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.sent = 0;
    }

    /// Keeps no more than `bytes` of memory, if it can.
    pub(super) fn rest(&mut self, bytes: usize) {
        self.bytes.shrink_to(bytes);
    }

    /// Moves what is left to the front, when that is little against what has gone.
    fn forget_sent(&mut self) {
        if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}
