//! What the tests of handled events share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use nestling::dead_letter::{Change, Group, Page, Turned};
use nestling::prelude::*;
use nestling::rusqlite::{Connection, Transaction};
use nestling::{DeadLetterStore, StoreError};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.paid")]
pub(crate) struct Paid {
    pub(crate) n: u64,
}

/// A folder with a file in it.
pub(crate) struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }
}

/// The store of handled events in `file`, with a table for effects in which a duplicate would be seen.
pub(crate) fn handled(file: &Path) -> SqliteHandled {
    let effects = "CREATE TABLE IF NOT EXISTS effects (n INTEGER NOT NULL)";
    SqliteHandled::open(file).unwrap().execute(effects).unwrap()
}

/// A transaction's effect.
pub(crate) fn pay(tx: &Transaction<'_>, n: u64) -> Result<(), EventError> {
    tx.execute("INSERT INTO effects VALUES (?1)", [i64::try_from(n)?])?;
    Ok(())
}

/// All effects, in order.
pub(crate) fn effects(file: &Path) -> Vec<u64> {
    let connection = Connection::open(file).unwrap();
    let mut rows = connection.prepare("SELECT n FROM effects ORDER BY n").unwrap();
    let effects = rows.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    effects.map(|n| u64::try_from(n.unwrap()).unwrap()).collect()
}

/// How the ledger subscribes: what fails is a dead letter at once.
pub(crate) fn ledger() -> SubscribeOptions {
    SubscribeOptions::new().name("ledger")
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until nothing is queued or in a handler's hands, and `events` have been delivered.
pub(crate) async fn idle(node: &Node, events: u64) {
    until("the node is idle", || {
        let stats = node.stats();
        let total = stats.total();
        stats.registry_backlog == 0 && total.delivered >= events && total.queued == 0 && total.in_flight == 0
    })
    .await;
}

/// The one dead letter that there is.
pub(crate) async fn only(node: &Node) -> DeadLetter {
    let mut letters = node.dead_letters().list(Filter::new()).await.unwrap().letters;
    assert_eq!(letters.len(), 1, "{letters:#?}");
    letters.remove(0)
}

/// Dead letters that several nodes see.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<MemoryStore>>);

impl Shared {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(MemoryStore::new(1000))))
    }
}

impl DeadLetterStore for Shared {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        self.0.lock().unwrap().write(changes)
    }
    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        self.0.lock().unwrap().turn(id, from, to)
    }
    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        self.0.lock().unwrap().get(id)
    }
    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        self.0.lock().unwrap().list(filter)
    }
    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        self.0.lock().unwrap().groups(filter)
    }
    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        self.0.lock().unwrap().discard(filter)
    }
}
