//! The tables, and how they came to be what they are. The file's own version is its owner's, so theirs is in a table.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

/// Each brings the tables to the version of its place, counted from 1. What has been released is never edited.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE nestling_handled (
        node TEXT NOT NULL,
        service TEXT NOT NULL,
        subscription TEXT NOT NULL,
        event_id TEXT NOT NULL,
        -- 1: its handler has succeeded. 0: it has not (yet), and its transaction has committed.
        is_handled INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (node, service, subscription, event_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX nestling_handled_by_time ON nestling_handled (at);
"];

/// The newest version of the tables.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the tables to the newest version, and returns the one that they are.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS nestling_schema
            (part TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    )?;
    let found: Option<i64> = transaction
        .query_row("SELECT version FROM nestling_schema WHERE part = 'handled'", [], |row| row.get(0))
        .optional()?;
    let found = found.unwrap_or(0);
    if found >= VERSION {
        return Ok(found);
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.execute("INSERT OR REPLACE INTO nestling_schema VALUES ('handled', ?1)", [VERSION])?;
    transaction.commit()?;
    Ok(VERSION)
}
