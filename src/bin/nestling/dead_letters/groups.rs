//! `nestling dead-letters groups`.

use nestling::SqliteReader;

use super::filter::FilterArgs;
use super::table::Table;
use crate::failure::{Failure, tell};
use crate::output::Output;
use crate::time::utc;

/// Lists which failures are alike, the most frequent first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    filter: FilterArgs,

    /// At most so many groups
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,

    /// Print each group as one line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, reader: &SqliteReader, output: &mut Output) -> Result<(), Failure> {
    let groups = reader.groups(&args.filter.filter().limit(args.limit))?;
    if args.json {
        return groups.iter().try_for_each(|group| output.json(group));
    }
    if groups.is_empty() {
        tell("no letter matches");
        return Ok(());
    }
    let mut table =
        Table::new(["COUNT", "FINGERPRINT", "SERVICE", "REASON", "LAST FAILED", "ERROR IN THE NEWEST"]);
    for group in groups {
        table.push([
            group.count.to_string(),
            group.fingerprint,
            group.service,
            group.reason.to_string(),
            utc(group.last_failed_at),
            group.error_message,
        ]);
    }
    table.print(output)
}
