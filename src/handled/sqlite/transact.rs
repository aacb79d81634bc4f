//! An application's effects, in one transaction with the record that their event has been handled.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{SqliteHandled, now};
use crate::error::EventError;
use crate::handled::store::HandledKey;
use crate::panics::{Panic, guard};

/// Runs `effects` and records its event, in one transaction; `None` if the event was recorded before.
///
/// # Errors
///
/// The closure's own, SQLite's, and the closure's panic. Nothing is committed then.
pub(crate) fn transact<T>(
    store: &mut SqliteHandled,
    key: &HandledKey,
    effects: impl FnOnce(&Transaction<'_>) -> Result<T, EventError>,
) -> Result<Result<Option<T>, EventError>, Box<Panic>> {
    let transacted = guard(|| run(store, key, effects));
    store.prune_if_due();
    transacted
}

fn run<T>(
    store: &mut SqliteHandled,
    key: &HandledKey,
    effects: impl FnOnce(&Transaction<'_>) -> Result<T, EventError>,
) -> Result<Option<T>, EventError> {
    let transaction = store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if has_committed(&transaction, key)? {
        return Ok(None);
    }
    let value = effects(&transaction)?;
    if transaction.is_autocommit() {
        return Err(EventError::permanent(EventError::msg(
            "the closure has ended the transaction itself, so the event is not recorded with its effects: leave \
             COMMIT and ROLLBACK to `Delivery::transaction`",
        )));
    }
    commits(&transaction, key)?;
    transaction.commit()?;
    Ok(Some(value))
}

/// Whether the event's transaction has committed, or it has been handled: its closure is not to run again.
fn has_committed(connection: &Connection, key: &HandledKey) -> rusqlite::Result<bool> {
    let HandledKey { event_id, node, service, subscription } = key;
    connection
        .prepare_cached(
            "SELECT 1 FROM nestling_handled
             WHERE node = ?1 AND service = ?2 AND subscription = ?3 AND event_id = ?4",
        )?
        .exists(params![node, service, subscription, event_id.to_string()])
}

/// Records that the event's transaction commits. That is less than that it has been handled: what is left of its handler
/// is still to be done, and a redelivery must not be suppressed for it.
fn commits(connection: &Connection, key: &HandledKey) -> rusqlite::Result<()> {
    let HandledKey { event_id, node, service, subscription } = key;
    connection
        .prepare_cached("INSERT INTO nestling_handled VALUES (?1, ?2, ?3, ?4, 0, ?5)")?
        .execute(params![node, service, subscription, event_id.to_string(), now()])
        .map(drop)
}
