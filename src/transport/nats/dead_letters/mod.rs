//! Dead letters in a JetStream stream, shared by all nodes.
//!
//! | file | what it says |
//! |---|---|
//! | `options` | what the stream is to be |
//! | `worker` | the thread on which all of it runs |
//! | `shelf` | the stream, opened; reading and writing one letter |
//! | `message` | a letter as a message |
//! | `scan` | many letters |
//! | `index` | which letter is on which subject |
//! | `lease` | which nodes are there |
//! | `write`, `find` | what the store is asked |
//!
//! A letter is one message on a subject of its own, and each change of it a message in its place, which the server takes
//! only if nobody else was faster (`Nats-Expected-Last-Subject-Sequence`). So a claim is atomic between nodes without a
//! lock. A claim names its node's session, which lives as long as its lease is renewed: a claim without one is void.

mod find;
mod index;
mod lease;
mod message;
mod options;
mod scan;
mod shelf;
mod worker;
mod write;

use std::sync::Arc;
use std::time::Duration;

pub use options::DeadLetterStream;

use crate::dead_letter::{
    Change, DeadLetter, DeadLetterStore, Filter, Group, Page, Status, StoreError, Turned,
};
use crate::metadata::Id;
use crate::transport::nats::Nats;
use shelf::Shelf;
use worker::Worker;

/// How long the end of a store may take to give its lease back.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Dead letters in a JetStream stream, which all nodes that open it share: each sees the letters of all, and of several
/// that replay or discard a letter one has it.
///
/// A letter is a message on `dead_letters.<node>.<service>.<key>` with the record as JSON, and short headers that any
/// NATS tool shows. It is the last word of the server: what is confirmed is as durable as the stream is
/// (see [`DeadLetterStream::replicas`], and the server's `sync_interval`). While the server is away, letters wait in
/// memory as with every store that fails, and none can be read.
///
/// A node that replays a letter holds it by a lease, which it renews three times within 30 s. When a node ends, its
/// claims end with it: at once if it is shut down, else when its lease has run out. A letter that is replayed by a node
/// of another name than its own is `NotTaken`, unless that has a service and a subscription of the same names.
///
/// Lists and groups read all letters of the stream (of one service, where the filter says so): in one with
/// very many, name the service.
#[derive(Debug)]
pub struct JetStreamStore {
    shelf: Arc<Shelf>,
    /// Last, so that it outlives the other.
    worker: Worker,
}

impl JetStreamStore {
    /// Opens the stream, or makes it: by name (`"DEAD_LETTERS"`), or as [`DeadLetterStream`] says. It has a connection
    /// of its own. This blocks until the server has answered, unless `nats` says `keep_trying`.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached or has no JetStream, or if a stream of the name is there that is another.
    pub fn open(nats: Nats, stream: impl Into<DeadLetterStream>) -> Result<Self, StoreError> {
        let stream = stream.into();
        let waits = !nats.keep_trying;
        let worker = Worker::start().map_err(|error| stream.unusable(error.to_string()))?;
        let shelf = Arc::new(Shelf::new(nats, stream)?);
        let opened = Arc::clone(&shelf);
        if waits {
            worker.block(async move { opened.open().await.map(drop) })?;
        }
        Ok(Self { shelf, worker })
    }

    fn ask<T, F>(&self, question: impl FnOnce(Arc<Shelf>) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        self.worker.block(question(Arc::clone(&self.shelf)))
    }
}

impl DeadLetterStore for JetStreamStore {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        let wanted = changes.to_vec();
        let stored = self.ask(|shelf| async move { write::write(&shelf, wanted).await })?;
        for (change, letter) in changes.iter_mut().zip(stored) {
            if let (Change::Record(record), Some(letter)) = (change, letter) {
                **record = letter;
            }
        }
        Ok(())
    }

    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        let id = id.clone();
        self.ask(|shelf| async move { write::turn(&shelf, &id, from, to).await })
    }

    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        let id = id.clone();
        self.ask(|shelf| async move { find::get(&shelf, &id).await })
    }

    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        let filter = filter.clone();
        self.ask(|shelf| async move { find::list(&shelf, &filter).await })
    }

    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        let filter = filter.clone();
        self.ask(|shelf| async move { find::groups(&shelf, &filter).await })
    }

    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        let filter = filter.clone();
        self.ask(|shelf| async move { write::discard(&shelf, &filter).await })
    }
}

#[cfg(test)]
impl JetStreamStore {
    /// Ends as if its process were killed: nothing is given back.
    pub(crate) fn kill(mut self) {
        self.shelf = Arc::new(Shelf::new(Nats::url("nats://127.0.0.1:1"), "NOWHERE".into()).unwrap());
    }
}

impl Drop for JetStreamStore {
    fn drop(&mut self) {
        let shelf = Arc::clone(&self.shelf);
        let _ = self.worker.block(async move {
            let _ = tokio::time::timeout(LAST_WORDS, shelf.close()).await;
            Ok(())
        });
    }
}
