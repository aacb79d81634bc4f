//! What the tests share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::json;
use tokio::task::LocalSet;

use super::super::millis;
use super::super::store::Change;
use super::super::*;
use crate::event::{Envelope, SharedEvent};
use crate::metadata::{Id, Metadata};
use crate::pattern::Route;

pub(super) fn local<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test)
}

pub(super) fn route(text: &str) -> Route {
    Route::of(&json!(text))
}

pub(super) fn event(on: &str, payload: impl Serialize + Send + Sync + 'static) -> SharedEvent {
    Arc::new(Envelope::new(Metadata::new(route(on), None, None, None), payload))
}

pub(super) fn options() -> Options {
    Options { node: "test".to_owned(), version: "1.2.3".to_owned(), max_waiting: 10_000 }
}

pub(super) fn room(store: impl DeadLetterStore) -> (Sink, DeadLetters) {
    start(Box::new(store), options()).unwrap()
}

pub(super) fn error(message: &str) -> Failure {
    Failure::new(Reason::HandlerError, "test::Error", message)
}

/// The `n`th letter of many: their ids and their times rise with `n`.
pub(super) fn letter(n: u64) -> DeadLetter {
    let id = |kind: u64| Id::from(uuid::Uuid::from_u64_pair(kind, n));
    let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(seconds);
    DeadLetter {
        id: id(1),
        event_id: id(2),
        route: route("order.created"),
        payload: serde_json::value::to_raw_value(&json!({ "n": n })).unwrap(),
        service: "mail".to_owned(),
        subscription: "mailed".to_owned(),
        reason: Reason::HandlerError,
        error_type: "test::Error".to_owned(),
        error_message: format!("no route to host {n}"),
        error_chain: vec!["a cause".to_owned(), "its cause".to_owned()],
        panic_location: Some("mail.rs:1:2".to_owned()),
        attempts: 2,
        attempt_log: vec![Attempt { at: at(n + 1), delay: Duration::from_millis(7), error: "no".to_owned() }],
        emitted_at: at(n),
        first_failed_at: at(n + 1),
        failed_at: at(n + 2),
        headers: [("tenant".to_owned(), "a".to_owned())].into(),
        correlation_id: id(3),
        causation_id: Some(Id::from("theirs")),
        traceparent: Some("00-aa-bb-01".to_owned()),
        node: "test".to_owned(),
        host: "here".to_owned(),
        pid: 7,
        version: "1.2.3".to_owned(),
        fingerprint: "f".to_owned(),
        status: Status::New,
        replay_count: 0,
    }
}

pub(super) fn record(
    store: &mut (impl DeadLetterStore + ?Sized),
    letters: impl IntoIterator<Item = DeadLetter>,
) -> Vec<DeadLetter> {
    let mut changes: Vec<_> = letters.into_iter().map(|letter| Change::Record(Box::new(letter))).collect();
    store.write(&mut changes).unwrap();
    let stored = changes.into_iter().map(|change| match change {
        Change::Record(letter) => *letter,
        Change::Settle { .. } => unreachable!(),
    });
    stored.collect()
}

/// All that a letter says.
pub(super) fn told(letter: &DeadLetter) -> serde_json::Value {
    serde_json::to_value(letter).unwrap()
}

pub(super) fn now() -> std::time::SystemTime {
    millis::rounded(std::time::SystemTime::now())
}

type Answer = dyn Fn(Arc<DeadLetter>) -> BoxFuture<'static, Redelivery> + Send + Sync;

/// A node that answers replays as it is told to, and counts them.
pub(super) struct Node {
    answer: Box<Answer>,
    pub(super) delivered: AtomicUsize,
    pub(super) announced: Mutex<Vec<Id>>,
}

impl Node {
    pub(super) fn answering<F>(answer: impl Fn(Arc<DeadLetter>) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Redelivery> + Send + 'static,
    {
        Arc::new(Self {
            answer: Box::new(move |letter| answer(letter).boxed()),
            delivered: AtomicUsize::new(0),
            announced: Mutex::default(),
        })
    }

    pub(super) fn handling() -> Arc<Self> {
        Self::answering(async |_| Redelivery::Handled)
    }

    pub(super) fn behind(self: Arc<Self>, letters: &DeadLetters) -> Arc<Self> {
        letters.connect(self.clone(), self.clone());
        self
    }

    pub(super) fn delivered(&self) -> usize {
        self.delivered.load(Ordering::SeqCst)
    }
}

impl Redeliver for Node {
    fn redeliver(&self, letter: Arc<DeadLetter>) -> BoxFuture<'static, Redelivery> {
        self.delivered.fetch_add(1, Ordering::SeqCst);
        (self.answer)(letter)
    }
}

impl Announce for Node {
    fn announce(&self, letter: &Arc<DeadLetter>) {
        self.announced.lock().unwrap().push(letter.id.clone());
    }
}

/// What a [`Faulty`] store does with a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Fails,
    Panics,
    Refuses(String),
}

/// A store in memory that can be told to fail, and counts what it is asked.
pub(super) struct Faulty {
    store: MemoryStore,
    control: Arc<Control>,
}

#[derive(Debug)]
pub(super) struct Control {
    fault: Mutex<Fault>,
    /// Held by a test that wants writes to wait.
    pub(super) gate: Mutex<()>,
    pub(super) entered: AtomicUsize,
    pub(super) batches: Mutex<Vec<usize>>,
}

impl Control {
    pub(super) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn check(&self, changes: &[Change]) -> Result<(), StoreError> {
        let fault = self.fault.lock().unwrap().clone();
        match fault {
            Fault::None => Ok(()),
            Fault::Fails => Err(StoreError::Failed("the disk is full".to_owned())),
            Fault::Panics => panic!("a bug in the store"),
            Fault::Refuses(service) => {
                let refused =
                    |change: &Change| matches!(change, Change::Record(letter) if letter.service == service);
                if changes.iter().any(refused) { Err(StoreError::Refused("no".to_owned())) } else { Ok(()) }
            }
        }
    }
}

impl Faulty {
    pub(super) fn new(fault: Fault) -> (Self, Arc<Control>) {
        let control = Control {
            fault: Mutex::new(fault),
            gate: Mutex::new(()),
            entered: AtomicUsize::new(0),
            batches: Mutex::default(),
        };
        let control = Arc::new(control);
        (Self { store: MemoryStore::new(100_000), control: Arc::clone(&control) }, control)
    }
}

impl DeadLetterStore for Faulty {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        self.control.entered.fetch_add(1, Ordering::SeqCst);
        drop(self.control.gate.lock().unwrap());
        self.control.check(changes)?;
        self.control.batches.lock().unwrap().push(changes.len());
        self.store.write(changes)
    }

    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        self.control.check(&[])?;
        self.store.turn(id, from, to)
    }

    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        self.store.get(id)
    }

    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        self.store.list(filter)
    }

    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        self.store.groups(filter)
    }

    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        self.store.discard(filter)
    }
}
