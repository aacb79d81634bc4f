//! A letter as a row.

use std::error::Error;
use std::str::FromStr;
use std::time::SystemTime;

use rusqlite::types::Type;
use rusqlite::{CachedStatement, Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::dead_letter::millis;
use crate::dead_letter::record::{DeadLetter, Status};
use crate::metadata::Id;
use crate::pattern::Route;

/// The columns, in the order in which [`read`] reads them.
pub(super) const COLUMNS: &str = "id, event_id, route, payload, service, subscription, reason, error_type, error_message, error_chain, \
    panic_location, attempts, attempt_log, emitted_at, first_failed_at, failed_at, headers, correlation_id, causation_id, \
    traceparent, node, host, pid, version, fingerprint, status, replay_count";

/// Keeps a letter, or replaces the one with the same key as `DeadLetter::continues` does.
pub(super) fn upsert() -> String {
    let kept = ["id", "first_failed_at", "status", "replay_count"];
    let values = COLUMNS.split(", ").map(|column| format!(":{column}")).collect::<Vec<_>>().join(", ");
    let replaced = COLUMNS
        .split(", ")
        .filter(|column| !kept.contains(column))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "INSERT INTO dead_letters ({COLUMNS}) VALUES ({values})
         ON CONFLICT (event_id, service, subscription, route) DO UPDATE SET {replaced},
            replay_count = replay_count + (status = 'replaying'),
            status = 'new'
         RETURNING id, first_failed_at, replay_count, status"
    )
}

/// Runs [`upsert`]; `letter` becomes what is stored.
pub(super) fn record(upsert: &mut CachedStatement<'_>, letter: &mut DeadLetter) -> rusqlite::Result<()> {
    let (id, first_failed_at, replay_count, status) = upsert.query_row(
        named_params! {
            ":id": letter.id.to_string(),
            ":event_id": letter.event_id.to_string(),
            ":route": letter.route.as_str(),
            ":payload": letter.payload.get(),
            ":service": letter.service,
            ":subscription": letter.subscription,
            ":reason": letter.reason.as_str(),
            ":error_type": letter.error_type,
            ":error_message": letter.error_message,
            ":error_chain": json(&letter.error_chain)?,
            ":panic_location": letter.panic_location,
            ":attempts": letter.attempts,
            ":attempt_log": json(&letter.attempt_log)?,
            ":emitted_at": millis::of(letter.emitted_at),
            ":first_failed_at": millis::of(letter.first_failed_at),
            ":failed_at": millis::of(letter.failed_at),
            ":headers": json(&letter.headers)?,
            ":correlation_id": letter.correlation_id.to_string(),
            ":causation_id": letter.causation_id.as_ref().map(ToString::to_string),
            ":traceparent": letter.traceparent,
            ":node": letter.node,
            ":host": letter.host,
            ":pid": letter.pid,
            ":version": letter.version,
            ":fingerprint": letter.fingerprint,
            ":status": letter.status.as_str(),
            ":replay_count": letter.replay_count,
        },
        |row| Ok((id(row, 0)?, time(row, 1)?, row.get(2)?, parsed::<Status>(row, 3)?)),
    )?;
    letter.id = id;
    letter.first_failed_at = first_failed_at;
    letter.replay_count = replay_count;
    letter.status = status;
    Ok(())
}

/// A letter from a row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        id: id(row, 0)?,
        event_id: id(row, 1)?,
        route: route(row, 2)?,
        payload: RawValue::from_string(row.get(3)?).map_err(|error| unreadable(3, error))?,
        service: row.get(4)?,
        subscription: row.get(5)?,
        reason: parsed(row, 6)?,
        error_type: row.get(7)?,
        error_message: row.get(8)?,
        error_chain: from_json(row, 9)?,
        panic_location: row.get(10)?,
        attempts: row.get(11)?,
        attempt_log: from_json(row, 12)?,
        emitted_at: time(row, 13)?,
        first_failed_at: time(row, 14)?,
        failed_at: time(row, 15)?,
        headers: from_json(row, 16)?,
        correlation_id: id(row, 17)?,
        causation_id: row.get::<_, Option<String>>(18)?.map(Id::from),
        traceparent: row.get(19)?,
        node: row.get(20)?,
        host: row.get(21)?,
        pid: row.get(22)?,
        version: row.get(23)?,
        fingerprint: row.get(24)?,
        status: parsed(row, 25)?,
        replay_count: row.get(26)?,
    })
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Id> {
    row.get::<_, String>(column).map(Id::from)
}

fn route(row: &Row<'_>, column: usize) -> rusqlite::Result<Route> {
    row.get::<_, String>(column).map(|text| Route::of(&serde_json::Value::String(text)))
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<SystemTime> {
    let millis = row.get(column)?;
    millis::time(millis).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, millis))
}

pub(super) fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    row.get::<_, String>(column)?.parse().map_err(|error| unreadable(column, error))
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| unreadable(column, error))
}

fn unreadable(column: usize, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
