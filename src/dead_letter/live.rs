//! Dead letters as they are stored.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures::StreamExt;
use futures::stream::{self, BoxStream, Stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::record::DeadLetter;

/// Dead letters as they are stored, from [`DeadLetters::stream`](crate::DeadLetters::stream). It ends when the
/// node has shut down.
///
/// Nobody waits for who reads it: one that falls far behind misses letters, which
/// [`missed`](Self::missed) counts. They are in the store all the same.
pub struct LetterStream {
    letters: BoxStream<'static, Arc<DeadLetter>>,
    missed: Arc<AtomicU64>,
}

impl LetterStream {
    /// The stream of what `letters` receives; empty if there is nothing to receive from.
    pub(super) fn new(letters: Option<Receiver<Arc<DeadLetter>>>) -> Self {
        let missed = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&missed);
        let letters = stream::unfold(letters, move |letters| {
            let count = Arc::clone(&count);
            async move {
                let mut letters = letters?;
                loop {
                    match letters.recv().await {
                        Ok(letter) => return Some((letter, Some(letters))),
                        Err(RecvError::Lagged(missed)) => {
                            count.fetch_add(missed, Ordering::Relaxed);
                        }
                        Err(RecvError::Closed) => return None,
                    }
                }
            }
        });
        Self { letters: letters.boxed(), missed }
    }

    /// The next letter; `None` when the node has shut down.
    pub async fn next(&mut self) -> Option<Arc<DeadLetter>> {
        self.letters.next().await
    }

    /// How many letters it has missed, because it was read too slowly.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}

impl Stream for LetterStream {
    type Item = Arc<DeadLetter>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.letters.poll_next_unpin(cx)
    }
}

impl fmt::Debug for LetterStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LetterStream").field("missed", &self.missed()).finish_non_exhaustive()
    }
}
