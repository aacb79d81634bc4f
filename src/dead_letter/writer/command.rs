//! What the writer is told to do.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::dead_letter::record::DeadLetter;
use crate::dead_letter::stats::Counters;
use crate::dead_letter::store::{Change, DeadLetterStore, StoreError};

/// What is done with the store, or with the reason why nothing can be.
pub(in crate::dead_letter) type Ask = Box<dyn FnOnce(Result<&mut dyn DeadLetterStore, StoreError>) + Send>;

pub(in crate::dead_letter) enum Command {
    /// Keep a letter.
    Bury(Unwritten),
    /// Note how a replay ended.
    Settle(Change),
    /// Look something up.
    Read(Ask),
    /// Change letters that are written: nothing may wait.
    Write(Ask),
    /// Write all that waits.
    Flush(oneshot::Sender<Result<(), StoreError>>),
    /// Write all that waits, for as long as there is time, and end.
    Close { deadline: Instant, done: SyncSender<()> },
}

/// A letter on its way to the store. One that never arrives is counted and logged, whatever became of it.
pub(in crate::dead_letter) struct Unwritten {
    letter: Option<Box<DeadLetter>>,
    counters: Arc<Counters>,
}

impl Unwritten {
    pub(in crate::dead_letter) fn new(letter: DeadLetter, counters: Arc<Counters>) -> Self {
        counters.recorded();
        Self { letter: Some(Box::new(letter)), counters }
    }

    /// The letter; the count is the caller's from here on.
    pub(super) fn take(mut self) -> Option<Box<DeadLetter>> {
        self.letter.take()
    }
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        if let Some(letter) = self.letter.take() {
            self.counters.dropped(&letter, "the node has ended");
        }
    }
}

/// Calls a store, whose panic is one more way to fail.
pub(in crate::dead_letter) fn guarded<T>(
    call: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(StoreError::Panicked(text_of(&*panic))))
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
