//! Letters, read.

use rusqlite::{Connection, OptionalExtension, params};

use super::query::Query;
use super::row;
use crate::dead_letter::record::DeadLetter;
use crate::dead_letter::store::{Filter, Page};
use crate::metadata::Id;

pub(super) fn get(connection: &Connection, id: &Id) -> rusqlite::Result<Option<DeadLetter>> {
    let sql = format!("SELECT {} FROM dead_letters WHERE id = ?1", row::COLUMNS);
    connection.prepare_cached(&sql)?.query_row(params![id.to_string()], row::read).optional()
}

pub(super) fn list(connection: &Connection, filter: &Filter) -> rusqlite::Result<Page> {
    let limit = filter.limit.unwrap_or(Filter::DEFAULT_PAGE);
    let query = Query::of(filter);
    let sql = format!(
        "SELECT {} FROM dead_letters {} {} {}",
        row::COLUMNS,
        query.condition(),
        query.order(),
        Query::limit(Some(limit.saturating_add(1))),
    );
    let mut list = connection.prepare_cached(&sql)?;
    let letters = list.query_map(query.values(), row::read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Page::of(letters, limit))
}
