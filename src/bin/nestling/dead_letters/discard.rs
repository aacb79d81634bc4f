//! `nestling dead-letters discard`.

use std::path::Path;

use nestling::dead_letter::{DeadLetterStore, Turned};
use nestling::{Id, SqliteStore, Status, StoreError};

use super::filter::FilterArgs;
use crate::failure::{Failure, tell};
use crate::output::Output;

/// Says of letters that nobody needs them: they stay in the file, with the status `discarded`
///
/// Only new letters are discarded. The node must not run: it holds the file, and has `node.dead_letters().discard_matching(..)`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The letters' ids, as `list` shows them
    #[arg(value_name = "ID", required_unless_present_any = WAYS)]
    ids: Vec<String>,

    #[command(flatten)]
    filter: FilterArgs,

    /// All that are new
    #[arg(long, conflicts_with = "ids")]
    all: bool,

    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// The ways to say which, beside their ids.
const WAYS: [&str; 9] =
    ["all", "service", "pattern", "reason", "status", "since", "until", "fingerprint", "text"];

pub(super) fn run(args: &Args, store: &Path, output: &mut Output) -> Result<(), Failure> {
    if !args.ids.is_empty() && !args.filter.is_empty() {
        return Err(Failure::Usage("give either ids or filters".to_owned()));
    }
    let mut store = SqliteStore::open(store).map_err(held)?;
    let mut refused = None;
    let discarded = if args.ids.is_empty() {
        store.discard(&args.filter.filter())?
    } else {
        let mut discarded = 0;
        for id in &args.ids {
            let problem = match store.turn(&Id::from(id.as_str()), Status::New, Status::Discarded)? {
                Turned::Turned(_) => {
                    discarded += 1;
                    continue;
                }
                Turned::Is(status) => format!("{id} is {status}, not new"),
                Turned::Unknown => format!("no dead letter has the id {id}"),
            };
            if let Some(earlier) = refused.replace(problem) {
                tell(&format!("nestling: {earlier}"));
            }
        }
        discarded
    };
    if args.json {
        output.json(&serde_json::json!({ "discarded": discarded }))?;
    } else {
        output.line(format_args!("discarded {discarded}"))?;
    }
    refused.map_or(Ok(()), |problem| {
        output.flush()?;
        Err(Failure::Nobody(problem))
    })
}

fn held(error: StoreError) -> Failure {
    match error {
        StoreError::InUse { path } => Failure::Unreachable(format!(
            "a node has `{path}` open: stop it first, or let it discard them by `node.dead_letters().discard_matching(..)`"
        )),
        error => error.into(),
    }
}
