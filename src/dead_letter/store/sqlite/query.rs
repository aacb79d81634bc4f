//! A filter in SQL.

use rusqlite::types::Value;
use rusqlite::{Params, params_from_iter};

use crate::dead_letter::millis;
use crate::dead_letter::record::Status;
use crate::dead_letter::store::{Filter, Order};

/// The conditions of a filter, with a value for each `?` in them.
pub(super) struct Query {
    conditions: Vec<&'static str>,
    values: Vec<Value>,
    order: Order,
}

impl Query {
    pub(super) fn of(filter: &Filter) -> Self {
        let mut query = Self { conditions: Vec::new(), values: Vec::new(), order: filter.order };
        let id = |id: &Option<crate::metadata::Id>| id.as_ref().map(ToString::to_string);
        query.add("service = ?", filter.service.clone());
        query.add("route = ?", filter.route.clone());
        query.add("reason = ?", filter.reason.map(|reason| reason.as_str().to_owned()));
        query.add("status = ?", filter.status.map(|status| status.as_str().to_owned()));
        query.add("fingerprint = ?", filter.fingerprint.clone());
        query.add("event_id = ?", id(&filter.event_id));
        query.add("correlation_id = ?", id(&filter.correlation_id));
        query.add("failed_at >= ?", filter.since.map(millis::of));
        query.add("failed_at < ?", filter.until.map(millis::of));
        // Either may hold the whole text, so they are searched apart. SQLite's `lower` is for ASCII, as is ours.
        if let Some(text) = &filter.text {
            let text = Value::from(text.to_ascii_lowercase());
            query.conditions.push("(instr(lower(error_message), ?) > 0 OR instr(lower(error_type), ?) > 0)");
            query.values.extend([text.clone(), text]);
        }
        match filter.order {
            Order::NewestFirst => query.add("id < ?", id(&filter.after)),
            Order::OldestFirst => query.add("id > ?", id(&filter.after)),
        }
        query
    }

    pub(super) fn and_status(mut self, status: Status) -> Self {
        self.add("status = ?", Some(status.as_str().to_owned()));
        self
    }

    fn add(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.conditions.push(condition);
            self.values.push(value.into());
        }
    }

    /// `WHERE ..`, or nothing.
    pub(super) fn condition(&self) -> String {
        match self.conditions.as_slice() {
            [] => String::new(),
            conditions => format!("WHERE {}", conditions.join(" AND ")),
        }
    }

    pub(super) fn order(&self) -> &'static str {
        match self.order {
            Order::NewestFirst => "ORDER BY id DESC",
            Order::OldestFirst => "ORDER BY id ASC",
        }
    }

    pub(super) fn limit(limit: Option<usize>) -> String {
        // A negative limit is none.
        format!("LIMIT {}", limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1))
    }

    pub(super) fn values(&self) -> impl Params + '_ {
        params_from_iter(&self.values)
    }
}
