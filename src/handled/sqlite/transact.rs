//! An application's effects, in one transaction with the record that their event has been handled.

use rusqlite::{Transaction, TransactionBehavior};

use super::{SqliteHandled, contains, insert};
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
    if contains(&transaction, key)? {
        return Ok(None);
    }
    let value = effects(&transaction)?;
    if transaction.is_autocommit() {
        return Err(EventError::permanent(EventError::msg(
            "the closure has ended the transaction itself, so the event is not recorded with its effects: leave \
             COMMIT and ROLLBACK to `Delivery::transaction`",
        )));
    }
    insert(&transaction, key)?;
    transaction.commit()?;
    Ok(Some(value))
}
