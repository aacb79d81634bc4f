//! How transports and deliveries ask.

use std::any::Any;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::error::HandledError;
use super::keeper::{self, Command};
use super::memory::MemoryHandled;
use super::store::{HandledKey, HandledStore};
use crate::metadata::Id;

/// A node's handled events. It is cheap to clone, works from any thread, and never blocks one.
#[derive(Clone)]
pub(crate) struct Handled {
    node: Arc<str>,
    durable: bool,
    transactions: bool,
    place: Arc<Place>,
}

enum Place {
    /// It blocks nobody: a thread would only cost time.
    Here(Mutex<MemoryHandled>),
    Thread(Sender<Command>),
}

impl Handled {
    /// Begins to keep the handled events of a node.
    ///
    /// # Errors
    ///
    /// If the store's thread cannot be started.
    pub(crate) fn start(node: &Arc<str>, store: Box<dyn HandledStore>) -> io::Result<Self> {
        let durable = store.is_durable();
        let any: &dyn Any = &*store;
        let memory = any.is::<MemoryHandled>();
        #[cfg(feature = "sqlite")]
        let transactions = any.is::<super::SqliteHandled>();
        #[cfg(not(feature = "sqlite"))]
        let transactions = false;
        let place = if memory {
            let any: Box<dyn Any> = store;
            Place::Here(Mutex::new(
                any.downcast().map_or_else(|_| MemoryHandled::default(), |memory| *memory),
            ))
        } else {
            Place::Thread(keeper::start(store)?)
        };
        Ok(Self { node: Arc::clone(node), durable, transactions, place: Arc::new(place) })
    }

    /// Whether what is recorded outlives the process.
    pub(crate) fn is_durable(&self) -> bool {
        self.durable
    }

    /// Whether a handler's effects can commit together with the record that their event was handled.
    pub(crate) fn lends_transactions(&self) -> bool {
        self.transactions
    }

    /// Whether a subscription has handled an event.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub(crate) async fn is_handled(
        &self,
        service: &Arc<str>,
        subscription: &Arc<str>,
        id: &Id,
    ) -> Result<bool, HandledError> {
        let key = self.key(service, subscription, id);
        match &*self.place {
            Place::Here(memory) => memory.lock().contains(&key),
            Place::Thread(keeper) => ask(keeper, |answer| Command::Look { key, answer }).await,
        }
    }

    /// Records that a subscription has handled an event. Many at once are written in one go.
    ///
    /// # Errors
    ///
    /// If the store fails: then it is not recorded.
    pub(crate) async fn record(
        &self,
        service: &Arc<str>,
        subscription: &Arc<str>,
        id: &Id,
    ) -> Result<(), HandledError> {
        let key = self.key(service, subscription, id);
        match &*self.place {
            Place::Here(memory) => memory.lock().record(&[key]),
            Place::Thread(keeper) => ask(keeper, |answer| Command::Record { key, answer }).await,
        }
    }

    pub(crate) fn key(&self, service: &Arc<str>, subscription: &Arc<str>, id: &Id) -> HandledKey {
        HandledKey {
            event_id: id.clone(),
            node: Arc::clone(&self.node),
            service: Arc::clone(service),
            subscription: Arc::clone(subscription),
        }
    }

    /// Works with the store on its thread, after all that was recorded before. `None` if it has no thread.
    ///
    /// # Errors
    ///
    /// If the node has shut down.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn HandledStore) -> T + Send + 'static,
    ) -> Result<Option<T>, HandledError> {
        let Place::Thread(keeper) = &*self.place else { return Ok(None) };
        let work = |answer: oneshot::Sender<Result<T, HandledError>>| {
            Command::Work(Box::new(move |store: &mut dyn HandledStore| {
                let _ = answer.send(Ok(work(store)));
            }))
        };
        ask(keeper, work).await.map(Some)
    }

    /// Writes what waits and closes the store, within `limit`.
    pub(crate) async fn close(&self, limit: Duration) {
        if let Place::Thread(keeper) = &*self.place {
            let closed = ask(keeper, |answer| Command::Close { answer });
            if tokio::time::timeout(limit, closed).await.is_err() {
                tracing::error!(?limit, "the store of handled events does not close: it blocks");
            }
        }
    }
}

async fn ask<T>(
    keeper: &Sender<Command>,
    command: impl FnOnce(oneshot::Sender<Result<T, HandledError>>) -> Command,
) -> Result<T, HandledError> {
    let (answer, answered) = oneshot::channel();
    keeper.send(command(answer)).map_err(|_| HandledError::Closed)?;
    answered.await.unwrap_or(Err(HandledError::Closed))
}

impl std::fmt::Debug for Handled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handled").field("durable", &self.durable).finish_non_exhaustive()
    }
}
