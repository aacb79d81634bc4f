//! The tables, and how they came to be what they are.

use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as this crate's: "Nest" in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x4e65_7374;

/// Each brings the schema to the version of its place, counted from 1. What has been released is never edited.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE dead_letters (
        id TEXT NOT NULL PRIMARY KEY,
        event_id TEXT NOT NULL,
        route TEXT NOT NULL,
        payload TEXT NOT NULL,
        service TEXT NOT NULL,
        subscription TEXT NOT NULL,
        reason TEXT NOT NULL,
        error_type TEXT NOT NULL,
        error_message TEXT NOT NULL,
        error_chain TEXT NOT NULL,
        panic_location TEXT,
        attempts INTEGER NOT NULL,
        attempt_log TEXT NOT NULL,
        emitted_at INTEGER NOT NULL,
        first_failed_at INTEGER NOT NULL,
        failed_at INTEGER NOT NULL,
        headers TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        causation_id TEXT,
        traceparent TEXT,
        node TEXT NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        version TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        status TEXT NOT NULL,
        replay_count INTEGER NOT NULL,
        UNIQUE (event_id, service, subscription, route)
    ) STRICT;
    CREATE INDEX dead_letters_by_service ON dead_letters (service, id);
    CREATE INDEX dead_letters_by_route ON dead_letters (route, id);
    CREATE INDEX dead_letters_by_reason ON dead_letters (reason, id);
    CREATE INDEX dead_letters_by_status ON dead_letters (status, id);
    CREATE INDEX dead_letters_by_fingerprint ON dead_letters (fingerprint, id);
    CREATE INDEX dead_letters_by_time ON dead_letters (failed_at);
    CREATE INDEX dead_letters_by_correlation ON dead_letters (correlation_id);
"];

/// The newest version of the schema.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the schema from `version` to the newest, and undoes the claims of replays that ended with their process.
pub(super) fn prepare(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.execute("UPDATE dead_letters SET status = 'new' WHERE status = 'replaying'", [])?;
    transaction.commit()
}
