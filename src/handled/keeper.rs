//! The thread that owns the store.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use tokio::sync::oneshot;

use super::error::HandledError;
use super::store::{HandledKey, HandledStore};

/// The most records of one transaction.
const BATCH: usize = 1024;

type Answer<T> = oneshot::Sender<Result<T, HandledError>>;

/// What is done with the store.
pub(super) type Ask = Box<dyn FnOnce(&mut dyn HandledStore) + Send>;

pub(super) enum Command {
    Look { key: HandledKey, answer: Answer<bool> },
    Record { key: HandledKey, answer: Answer<()> },
    Work(Ask),
    Close { answer: Answer<()> },
}

/// Starts the thread. It ends after [`Command::Close`], or when nobody can command it any more.
pub(super) fn start(store: Box<dyn HandledStore>) -> io::Result<Sender<Command>> {
    let (keeper, commands) = mpsc::channel();
    let run = move || Keeper { store, commands, keys: Vec::new(), answers: Vec::new() }.run();
    thread::Builder::new().name("handled-events".to_owned()).spawn(run)?;
    Ok(keeper)
}

struct Keeper {
    store: Box<dyn HandledStore>,
    commands: Receiver<Command>,
    /// What is to be recorded next, and who waits for it.
    keys: Vec<HandledKey>,
    answers: Vec<Answer<()>>,
}

impl Keeper {
    fn run(mut self) {
        while let Some(command) = self.next() {
            match command {
                Command::Record { key, answer } => {
                    self.keys.push(key);
                    self.answers.push(answer);
                }
                Command::Look { key, answer } => {
                    // Nothing is confirmed of what waits to be recorded, but it has been handled.
                    let waits = self.keys.contains(&key);
                    let _ = answer.send(if waits {
                        Ok(true)
                    } else {
                        self.guarded(|store| store.contains(&key))
                    });
                }
                Command::Work(work) => {
                    self.record();
                    let _ = self.guarded(|store| {
                        work(store);
                        Ok(())
                    });
                }
                Command::Close { answer } => {
                    self.record();
                    let Self { store, commands, .. } = self;
                    drop(commands);
                    let _ = catch_unwind(AssertUnwindSafe(|| drop(store)));
                    let _ = answer.send(Ok(()));
                    return;
                }
            }
        }
    }

    /// The next command; before it waits for one, all that is to be recorded is.
    fn next(&mut self) -> Option<Command> {
        if self.keys.len() < BATCH
            && let Ok(command) = self.commands.try_recv()
        {
            return Some(command);
        }
        self.record();
        self.commands.recv().ok()
    }

    /// Records all that waits, in one transaction.
    fn record(&mut self) {
        if self.keys.is_empty() {
            return;
        }
        let keys = std::mem::take(&mut self.keys);
        let recorded = self.guarded(|store| store.record(&keys));
        if let Err(error) = &recorded {
            tracing::error!(%error, events = keys.len(), "handled events cannot be recorded");
        }
        for answer in self.answers.drain(..) {
            let _ = answer.send(recorded.clone());
        }
    }

    /// Calls the store, whose panic is one more way to fail.
    fn guarded<T>(
        &mut self,
        call: impl FnOnce(&mut dyn HandledStore) -> Result<T, HandledError>,
    ) -> Result<T, HandledError> {
        let store = &mut *self.store;
        crate::panics::guard(|| call(store))
            .unwrap_or_else(|panic| Err(HandledError::Panicked(panic.message)))
    }
}
