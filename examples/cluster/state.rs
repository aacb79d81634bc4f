//! What a service knows, in a SQLite file of its own, beside the ids of the events that it has handled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nestling::prelude::*;
use nestling::{HandledError, Metadata, SqliteHandled};
use rusqlite::{Connection, OpenFlags, Transaction};

use crate::cli::Role;

/// Every event that had its effect, one row each; the effects themselves are in the service's own tables.
const EVENTS: &str = "CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, route TEXT NOT NULL)";

/// A service's file.
pub(crate) fn file(data: &Path, role: Role) -> PathBuf {
    data.join(format!("{}.db", role.name()))
}

/// Opens a service's file, in which what it knows commits with the events that it knows it from.
pub(crate) fn open(file: &Path, table: &str) -> Result<SqliteHandled, HandledError> {
    SqliteHandled::open(file)?.execute(EVENTS)?.execute(table)
}

/// Notes that an event has its effect in this transaction.
pub(crate) fn note(transaction: &Transaction<'_>, metadata: &Metadata) -> Result<(), EventError> {
    let row = (metadata.id().to_string(), metadata.route().as_str());
    transaction.execute("INSERT INTO events (id, route) VALUES (?1, ?2)", row)?;
    Ok(())
}

/// Reads what a service has left.
pub(crate) fn read(file: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// How many events had their effect, by route.
pub(crate) fn events(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut query = connection.prepare("SELECT route, count(*) FROM events GROUP BY route")?;
    query.query_map((), |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?.collect()
}
