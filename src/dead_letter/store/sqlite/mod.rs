//! Dead letters in a SQLite file.

mod groups;
mod open;
mod query;
mod read;
mod reader;
mod row;
mod schema;

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

use super::{Change, DeadLetterStore, Filter, Group, Page, StoreError, Turned};
use crate::dead_letter::record::{DeadLetter, Status};
use crate::metadata::Id;
use query::Query;
pub use reader::SqliteReader;

/// Dead letters in a SQLite file.
///
/// What is written is on the disk: it survives a kill of the process and a loss of power. Any SQLite tool can
/// read the file while a node uses it; one node at a time can. Beside the file lie `-wal` and `-shm`, which
/// belong to it, and `-lock`. All are made readable for their owner only, for they hold the events' payloads.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    path: PathBuf,
    /// Held as long as the store is open.
    _lock: File,
}

impl SqliteStore {
    /// Opens the file, or makes it. The whole file is checked once, so a large one takes a moment. Letters
    /// that a replay had claimed when their process ended are new again.
    ///
    /// # Errors
    ///
    /// If the file or its directory cannot be written, is damaged, belongs to another program or to a newer
    /// version of this crate, or is in use by another node.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        open::open(path.as_ref())
    }

    /// SQLite's own number for how it syncs.
    #[cfg(test)]
    pub(in crate::dead_letter) fn synchronous(&self) -> i64 {
        self.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap()
    }

    fn failed(&self, error: &rusqlite::Error) -> StoreError {
        let message = format!("{}: {error}", self.path.display());
        match error.sqlite_error_code() {
            Some(ErrorCode::TooBig) => StoreError::Refused(message),
            _ => StoreError::Failed(message),
        }
    }

    fn write_all(&mut self, changes: &mut [Change]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut record = transaction.prepare_cached(&row::upsert())?;
            let mut settle = transaction.prepare_cached(SETTLE)?;
            for change in changes {
                match change {
                    Change::Record(letter) => row::record(&mut record, letter)?,
                    Change::Settle { id, replay_count, ended } => {
                        let (status, counts) = ended.becomes();
                        settle.execute(params![id.to_string(), *replay_count, status.as_str(), counts])?;
                    }
                }
            }
        }
        transaction.commit()
    }

    fn turn_one(&self, id: &Id, from: Status, to: Status) -> rusqlite::Result<Turned> {
        let id = id.to_string();
        let mut turn = self.connection.prepare_cached(&format!("{TURN} {}", row::COLUMNS))?;
        let turned = turn.query_row(params![id, from.as_str(), to.as_str()], row::read).optional()?;
        if let Some(letter) = turned {
            return Ok(Turned::Turned(Box::new(letter)));
        }
        let mut status = self.connection.prepare_cached("SELECT status FROM dead_letters WHERE id = ?1")?;
        let status = status.query_row(params![id], |row| row::parsed(row, 0)).optional()?;
        Ok(status.map_or(Turned::Unknown, Turned::Is))
    }

    fn discard_matching(&self, filter: &Filter) -> rusqlite::Result<usize> {
        let query = Query::of(filter).and_status(Status::New);
        let sql = format!(
            "UPDATE dead_letters SET status = 'discarded' WHERE id IN (SELECT id FROM dead_letters {} {} {})",
            query.condition(),
            query.order(),
            Query::limit(filter.limit),
        );
        self.connection.execute(&sql, query.values())
    }
}

const SETTLE: &str = "UPDATE dead_letters SET status = ?3, replay_count = replay_count + ?4
    WHERE id = ?1 AND status = 'replaying' AND replay_count = ?2";

const TURN: &str = "UPDATE dead_letters SET status = ?3 WHERE id = ?1 AND status = ?2 RETURNING";

impl DeadLetterStore for SqliteStore {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        self.write_all(changes).map_err(|error| self.failed(&error))
    }

    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        self.turn_one(id, from, to).map_err(|error| self.failed(&error))
    }

    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        read::get(&self.connection, id).map_err(|error| self.failed(&error))
    }

    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        read::list(&self.connection, filter).map_err(|error| self.failed(&error))
    }

    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        groups::groups(&self.connection, filter).map_err(|error| self.failed(&error))
    }

    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        self.discard_matching(filter).map(|discarded| discarded as u64).map_err(|error| self.failed(&error))
    }
}
