//! The thread on which the store's connection lives, whoever waits for an answer.

use std::sync::mpsc;
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::dead_letter::StoreError;

/// A thread with a runtime of its own: it answers the server, and renews the lease, also while nobody asks.
#[derive(Debug)]
pub(super) struct Worker {
    runtime: Handle,
    /// The thread ends when this goes.
    _running: oneshot::Sender<()>,
}

impl Worker {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, ended) = oneshot::channel();
        thread::Builder::new().name("dead-letters-nats".to_owned()).spawn(move || {
            let _: Result<(), _> = runtime.block_on(ended);
        })?;
        Ok(Self { runtime: handle, _running: running })
    }

    /// Runs a future there, and blocks this thread until it is done.
    pub(super) fn block<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            let _ = answer.send(future.await);
        });
        answered.recv().unwrap_or_else(|_| Err(StoreError::Panicked("the store's task has ended".to_owned())))
    }
}
