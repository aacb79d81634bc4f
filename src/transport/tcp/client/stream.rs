//! A stream has a connection of its own. Its backpressure is then TCP's: what its reader does not read is not read from
//! the socket, and so not written by the peer, while nothing else has to wait behind it. And when its reader goes the
//! connection is closed, which is the only word by which NestJS's protocol tells a server to stop.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, Sleep, sleep_until};

use super::builder::Options;
use super::dial::dial;
use super::encode;
use crate::peer::Outgoing;
use crate::supervisor::{Deadline, Refusal};
use crate::transport::answer::of_outcome;
use crate::transport::ticket::tell;
use crate::wire::{FrameReader, Reply, mend};

/// The id of the one request of such a connection.
const ID: u64 = 1;
const ID_JSON: &str = r#""1""#;

/// A stream on its way to its reader. Dropping it settles it, so that none is forgotten on any path.
pub(super) struct Streaming {
    call: Arc<dyn Outgoing>,
    options: Arc<Options>,
    frame: Vec<u8>,
    after: Duration,
    /// When the first item must have come.
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Streaming {
    /// # Errors
    ///
    /// If the payload cannot be serialised, or nobody waits any more.
    pub(super) fn new(
        call: Arc<dyn Outgoing>,
        options: Arc<Options>,
        deadline: Deadline,
        after: Duration,
    ) -> Result<Self, Refusal> {
        let mut frame = Vec::new();
        encode::request(&mut frame, &*call, ID)?;
        let deadline = match deadline {
            Deadline::At(at) | Deadline::About(at) => Some(at),
            Deadline::Unstamped => Instant::now().checked_add(after),
            Deadline::Never => None,
        };
        Ok(Self { call, options, frame, after, deadline, timer: None })
    }

    /// Connects, asks, and reads until the end, or until nobody reads any more.
    pub(super) async fn run(mut self) {
        let options = Arc::clone(&self.options);
        let Some(connected) = self.while_read(dial(&options)).await else { return };
        let ended = match connected {
            Err(cause) => Some(Err(cause)),
            Ok(stream) => {
                let talk =
                    Self::talk(Arc::clone(&self.call), std::mem::take(&mut self.frame), stream, &options);
                self.while_read(talk).await
            }
        };
        match ended {
            None | Some(Ok(())) => {}
            Some(Err(message)) => {
                tracing::debug!(peer = &*options.name, cause = message, "a stream was cut off");
                self.call.refuse(Refusal::Transport { message });
            }
        }
    }

    /// Runs something while somebody waits for the stream; None when nobody does any more.
    async fn while_read<T>(&mut self, run: impl Future<Output = T>) -> Option<T> {
        let mut run = pin!(run);
        poll_fn(|cx| {
            self.poll_deadline(cx);
            self.call.set_runner(cx.waker());
            if self.call.is_settled() {
                return Poll::Ready(None);
            }
            run.as_mut().poll(cx).map(Some)
        })
        .await
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) {
        let Some(at) = self.deadline else { return };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.as_mut().poll(cx).is_ready() {
            (self.deadline, self.timer) = (None, None);
            // Nothing happens to one that has begun.
            self.call.expire(self.after);
        }
    }

    /// Asks, and reads until the end.
    async fn talk<S>(
        call: Arc<dyn Outgoing>,
        frame: Vec<u8>,
        mut stream: S,
        options: &Options,
    ) -> Result<(), String>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let closed = |cause: &str| format!("the connection to {} was closed: {cause}", options.name);
        stream.write_all(&frame).await.map_err(|error| closed(&error.to_string()))?;
        stream.flush().await.map_err(|error| closed(&error.to_string()))?;
        drop(frame);
        let mut reader = FrameReader::new(options.max_frame);
        poll_fn(|cx| {
            loop {
                // An item at a time, so that no more are held than there is room for.
                if !ready!(call.poll_room(cx)) {
                    return Poll::Ready(Ok(()));
                }
                match answer(&*call, &mut reader) {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(cause) => return Poll::Ready(Err(closed(&cause))),
                }
                let read = pin!(stream.read_buf(reader.space()));
                match ready!(read.poll(cx)) {
                    Ok(0) => return Poll::Ready(Err(closed("the peer closed it"))),
                    Ok(_) => {}
                    Err(error) => return Poll::Ready(Err(closed(&error.to_string()))),
                }
            }
        })
        .await
    }
}

/// Gives the call the next reply that has been read; false if there is none.
fn answer(call: &dyn Outgoing, reader: &mut FrameReader) -> Result<bool, String> {
    let Some(frame) = reader.next().map_err(|error| error.to_string())? else { return Ok(false) };
    let frame = mend(frame);
    let reply = Reply::read(&frame).map_err(|error| error.to_string())?;
    if reply.id.is_some_and(|id| id.get() == ID_JSON) {
        tell(call, of_outcome(reply.outcome()));
    }
    Ok(true)
}

impl Drop for Streaming {
    fn drop(&mut self) {
        let message = format!("the runtime on which {} was connected has ended", self.options.name);
        self.call.refuse(Refusal::Transport { message });
    }
}
