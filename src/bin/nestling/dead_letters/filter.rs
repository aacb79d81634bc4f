//! The library's filter, as flags.

use std::time::SystemTime;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use nestling::{Filter, Reason, Route, Status};
use serde_json::Value;

use crate::json::json_or_word;
use crate::time::moment;

/// Which letters are meant: those that have everything that is set.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which letters")]
pub(super) struct FilterArgs {
    /// Of this service
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// Of events on this pattern: JSON, or a bare word for a string
    #[arg(long, value_name = "PATTERN", value_parser = route)]
    pattern: Option<Route>,

    /// That are here for this reason
    #[arg(long, value_name = "REASON", value_parser = names(Reason::ALL, Reason::as_str))]
    reason: Option<Reason>,

    /// That stand so
    #[arg(long, value_name = "STATUS", value_parser = names(Status::ALL, Status::as_str))]
    status: Option<Status>,

    /// That failed last since then: 2h (ago), 2026-05-17, 2026-05-17T08:30:00
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<SystemTime>,

    /// That failed last before then
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<SystemTime>,

    /// That failed alike: the fingerprint that `groups` shows
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<String>,

    /// Whose error has this text in its type or message
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

impl FilterArgs {
    pub(super) fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        filter.service.clone_from(&self.service);
        filter.route = self.pattern.as_ref().map(|route| route.as_str().to_owned());
        filter.reason = self.reason;
        filter.status = self.status;
        filter.since = self.since;
        filter.until = self.until;
        filter.fingerprint.clone_from(&self.fingerprint);
        filter.text.clone_from(&self.text);
        filter
    }

    /// Whether nothing is set, so that all are meant.
    pub(super) fn is_empty(&self) -> bool {
        self.filter() == Filter::new()
    }
}

fn route(text: &str) -> Result<Route, String> {
    let json = json_or_word(text)?;
    let pattern: Value = serde_json::from_str(json.get()).map_err(|error| error.to_string())?;
    Ok(Route::of(&pattern))
}

fn names<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    PossibleValuesParser::new(all.iter().map(move |value| name(*value))).try_map(|name| name.parse::<T>())
}
