//! Handled events in a SQLite file.

mod open;
mod schema;
mod transact;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, TransactionBehavior, params};

use super::error::HandledError;
use super::store::{HandledKey, HandledStore};
pub(crate) use transact::transact;

/// How often what is too old is looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(60);

/// The most rows that are forgotten at a time: whoever waits meanwhile must not wait for long.
const PRUNE_AT_ONCE: usize = 10_000;

/// Handled events in a SQLite file, in which a handler's own effects can commit with them: see
/// [`Delivery::transaction`](crate::Delivery::transaction).
///
/// The file may be that of a [`SqliteStore`](crate::SqliteStore), the application's own, or both; the tables made in
/// it are `nestling_handled` and `nestling_schema`. (Open an application's file with this before the dead letters' store,
/// which makes sure that it touches no strange file.) The file is set to WAL, and what is recorded is on the disk: it
/// survives a kill of the process and a loss of power. Several nodes may have the same file open.
#[derive(Debug)]
pub struct SqliteHandled {
    connection: Connection,
    path: PathBuf,
    keep: Duration,
    pruned: Option<Instant>,
}

impl SqliteHandled {
    /// Opens the file, or makes it. An event is remembered for 7 days: see [`keep_for`](Self::keep_for).
    ///
    /// # Errors
    ///
    /// If the file or its directory cannot be written, is no SQLite database, or was written by a newer version of
    /// this crate.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, HandledError> {
        let (connection, path) = open::open(path.as_ref())?;
        Ok(Self { connection, path, keep: Duration::from_secs(7 * 24 * 3600), pruned: None })
    }

    /// For how long an event is remembered. That must be longer than any delivery of it may come again: a broker's
    /// redeliveries (JetStream's `max_age` of the stream is a safe bound), and replays of its dead letter.
    #[must_use]
    pub fn keep_for(self, time: Duration) -> Self {
        Self { keep: time, ..self }
    }

    /// Runs SQL now: the tables that transactions write to are best made here, by `CREATE TABLE IF NOT EXISTS`.
    ///
    /// # Errors
    ///
    /// If SQLite refuses it.
    pub fn execute(self, sql: &str) -> Result<Self, HandledError> {
        self.connection.execute_batch(sql).map_err(|error| self.failed(&error))?;
        Ok(self)
    }

    fn failed(&self, error: &rusqlite::Error) -> HandledError {
        HandledError::Failed(format!("{}: {error}", self.path.display()))
    }

    fn record_all(&mut self, keys: &[HandledKey]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for key in keys {
            insert(&transaction, key)?;
        }
        transaction.commit()
    }

    /// Forgets what is too old. If it cannot, the next time is soon enough.
    fn prune_if_due(&mut self) {
        if self.pruned.is_some_and(|pruned| pruned.elapsed() < PRUNE_EVERY) {
            return;
        }
        match self.prune() {
            // There may be more.
            Ok(PRUNE_AT_ONCE..) => {}
            Ok(_) => self.pruned = Some(Instant::now()),
            Err(error) => {
                self.pruned = Some(Instant::now());
                tracing::warn!(%error, path = %self.path.display(), "old handled events cannot be forgotten");
            }
        }
    }

    fn prune(&self) -> rusqlite::Result<usize> {
        let keep = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
        let oldest = now().saturating_sub(keep);
        self.connection
            .prepare_cached(
                "DELETE FROM nestling_handled WHERE (node, service, subscription, event_id) IN
                    (SELECT node, service, subscription, event_id FROM nestling_handled WHERE at <= ?1 LIMIT ?2)",
            )?
            .execute(params![oldest, i64::try_from(PRUNE_AT_ONCE).unwrap_or(i64::MAX)])
    }
}

/// Milliseconds since the Unix epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Records that an event has been handled.
fn insert(connection: &Connection, key: &HandledKey) -> rusqlite::Result<()> {
    let HandledKey { event_id, node, service, subscription } = key;
    connection
        .prepare_cached(
            "INSERT INTO nestling_handled VALUES (?1, ?2, ?3, ?4, 1, ?5)
             ON CONFLICT DO UPDATE SET is_handled = 1 WHERE is_handled = 0",
        )?
        .execute(params![node, service, subscription, event_id.to_string(), now()])
        .map(drop)
}

fn contains(connection: &Connection, key: &HandledKey) -> rusqlite::Result<bool> {
    let HandledKey { event_id, node, service, subscription } = key;
    connection
        .prepare_cached(
            "SELECT 1 FROM nestling_handled
             WHERE node = ?1 AND service = ?2 AND subscription = ?3 AND event_id = ?4 AND is_handled",
        )?
        .exists(params![node, service, subscription, event_id.to_string()])
}

impl HandledStore for SqliteHandled {
    fn contains(&mut self, key: &HandledKey) -> Result<bool, HandledError> {
        self.prune_if_due();
        contains(&self.connection, key).map_err(|error| self.failed(&error))
    }

    fn record(&mut self, keys: &[HandledKey]) -> Result<(), HandledError> {
        self.prune_if_due();
        self.record_all(keys).map_err(|error| self.failed(&error))
    }
}
