//! Letters by fingerprint.

use rusqlite::Connection;

use super::query::Query;
use super::row::{parsed, time};
use crate::dead_letter::store::{Filter, Group};

pub(super) fn groups(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<Group>> {
    let query = Query::of(filter);
    // The newest letter of each group says what the error was.
    let sql = format!(
        "SELECT fingerprint, service, reason, error_type, error_message, letters, first, last
         FROM (SELECT count(*) AS letters, min(first_failed_at) AS first, max(failed_at) AS last, max(id) AS newest
               FROM dead_letters {} GROUP BY fingerprint)
         JOIN dead_letters ON id = newest
         ORDER BY letters DESC, fingerprint {}",
        query.condition(),
        Query::limit(filter.limit),
    );
    let mut groups = connection.prepare_cached(&sql)?;
    let groups = groups.query_map(query.values(), |row| {
        Ok(Group {
            fingerprint: row.get(0)?,
            service: row.get(1)?,
            reason: parsed(row, 2)?,
            error_type: row.get(3)?,
            error_message: row.get(4)?,
            count: row.get::<_, i64>(5)?.unsigned_abs(),
            first_failed_at: time(row, 6)?,
            last_failed_at: time(row, 7)?,
        })
    })?;
    groups.collect()
}
