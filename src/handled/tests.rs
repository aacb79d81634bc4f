//! What transports can rely on: the handle, and the thread behind it.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use futures::future::join_all;

use super::{Handled, HandledError, HandledKey, HandledStore, MemoryHandled};
use crate::metadata::Id;

fn text(text: &str) -> Arc<str> {
    Arc::from(text)
}

fn id(n: u32) -> Id {
    Id::from(format!("order-{n}"))
}

fn start(store: impl HandledStore) -> Handled {
    Handled::start(&text("shop"), Box::new(store)).unwrap()
}

async fn record(handled: &Handled, n: u32) -> Result<(), HandledError> {
    handled.record(&text("ledger"), &text("order.paid"), &id(n)).await
}

async fn is_handled(handled: &Handled, n: u32) -> Result<bool, HandledError> {
    handled.is_handled(&text("ledger"), &text("order.paid"), &id(n)).await
}

async fn remembers(handled: Handled) {
    assert_eq!(is_handled(&handled, 1).await, Ok(false));
    record(&handled, 1).await.unwrap();
    record(&handled, 1).await.unwrap();
    assert_eq!(is_handled(&handled, 1).await, Ok(true));
    assert_eq!(is_handled(&handled, 2).await, Ok(false));
    assert_eq!(handled.is_handled(&text("audit"), &text("order.paid"), &id(1)).await, Ok(false));
    assert_eq!(handled.is_handled(&text("ledger"), &text("order.>"), &id(1)).await, Ok(false));
}

#[tokio::test]
async fn memory_remembers() {
    let handled = start(MemoryHandled::new(10));
    assert!(!handled.is_durable());
    remembers(handled).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_remembers_also_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let store = || super::SqliteHandled::open(folder.path().join("shop.db")).unwrap();
    let handled = start(store());
    assert!(handled.is_durable());
    remembers(handled.clone()).await;
    handled.close(std::time::Duration::from_secs(5)).await;
    assert_eq!(record(&handled, 3).await, Err(HandledError::Closed));
    assert_eq!(is_handled(&start(store()), 1).await, Ok(true));
}

/// A crash between a commit and the end of its handler must not keep the rest of the handler from being done.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn what_has_committed_is_not_handled_yet() {
    let folder = tempfile::tempdir().unwrap();
    let handled = start(super::SqliteHandled::open(folder.path().join("shop.db")).unwrap());
    let transact = async |n| {
        let key = handled.key(&text("ledger"), &text("order.paid"), &id(n));
        let transacted = handled.with(move |store| {
            let store: &mut dyn std::any::Any = store;
            super::transact(store.downcast_mut().unwrap(), &key, |_| Ok(7)).unwrap().unwrap()
        });
        transacted.await.unwrap().unwrap()
    };
    assert_eq!(transact(1).await, Some(7));
    assert_eq!(is_handled(&handled, 1).await, Ok(false));
    assert_eq!(transact(1).await, None);
    record(&handled, 1).await.unwrap();
    assert_eq!(is_handled(&handled, 1).await, Ok(true));
    record(&handled, 2).await.unwrap();
    assert_eq!(transact(2).await, None, "what was handled is not done again");
}

/// A store that says what it is asked to record, and waits to be told how that ends.
struct Slow {
    known: HashSet<HandledKey>,
    batches: Arc<Mutex<Vec<usize>>>,
    entered: Sender<()>,
    endings: Mutex<Receiver<Ending>>,
}

enum Ending {
    Recorded,
    Failed,
    Panicked,
}

impl HandledStore for Slow {
    fn contains(&mut self, key: &HandledKey) -> Result<bool, HandledError> {
        Ok(self.known.contains(key))
    }

    fn record(&mut self, keys: &[HandledKey]) -> Result<(), HandledError> {
        let _ = self.entered.send(());
        let ending = self.endings.lock().unwrap().recv().unwrap();
        match ending {
            Ending::Recorded => {}
            Ending::Failed => return Err(HandledError::Failed("the disk is full".to_owned())),
            Ending::Panicked => panic!("a bug in the store"),
        }
        self.batches.lock().unwrap().push(keys.len());
        self.known.extend(keys.iter().cloned());
        Ok(())
    }
}

type Control = (Handled, Arc<Mutex<Vec<usize>>>, Receiver<()>, Sender<Ending>);

fn slow() -> Control {
    let ((entered, wait), (end, endings)) = (channel(), channel());
    let batches = Arc::default();
    let store =
        Slow { known: HashSet::new(), batches: Arc::clone(&batches), entered, endings: Mutex::new(endings) };
    (start(store), batches, wait, end)
}

#[tokio::test]
async fn what_comes_meanwhile_is_recorded_together() {
    let (handled, batches, entered, end) = slow();
    let first = tokio::spawn({
        let handled = handled.clone();
        async move { record(&handled, 0).await }
    });
    tokio::task::yield_now().await;
    entered.recv().unwrap();
    let many = tokio::spawn({
        let handled = handled.clone();
        async move { join_all((1..=100).map(|n| record(&handled, n))).await }
    });
    tokio::task::yield_now().await;
    for _ in 0..2 {
        end.send(Ending::Recorded).unwrap();
    }
    first.await.unwrap().unwrap();
    assert!(many.await.unwrap().into_iter().all(|recorded| recorded.is_ok()));
    assert_eq!(*batches.lock().unwrap(), [1, 100]);
    assert_eq!(is_handled(&handled, 100).await, Ok(true));
}

#[tokio::test]
async fn a_store_that_fails_or_panics_is_told_and_goes_on() {
    let (handled, _, _entered, end) = slow();
    end.send(Ending::Failed).unwrap();
    assert_eq!(record(&handled, 1).await, Err(HandledError::Failed("the disk is full".to_owned())));
    assert_eq!(is_handled(&handled, 1).await, Ok(false), "it has not been recorded");
    end.send(Ending::Panicked).unwrap();
    assert_eq!(record(&handled, 1).await, Err(HandledError::Panicked("a bug in the store".to_owned())));
    end.send(Ending::Recorded).unwrap();
    assert_eq!(record(&handled, 1).await, Ok(()));
    assert_eq!(is_handled(&handled, 1).await, Ok(true));
}
