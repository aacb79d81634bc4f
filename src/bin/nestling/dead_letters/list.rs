//! `nestling dead-letters list`.

use nestling::{Id, SqliteReader};

use super::filter::FilterArgs;
use super::pages;
use super::table::Table;
use crate::failure::{Failure, tell};
use crate::output::Output;
use crate::time::utc;

/// Lists letters, the newest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    filter: FilterArgs,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,

    /// Only those that come after this letter: the next page
    #[arg(long, value_name = "ID")]
    after: Option<String>,

    /// The oldest first
    #[arg(long)]
    oldest_first: bool,

    /// Print each letter as one line of JSON, with all it has
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, reader: &SqliteReader, output: &mut Output) -> Result<(), Failure> {
    let mut filter = args.filter.filter().limit(args.limit);
    filter.after = args.after.as_deref().map(Id::from);
    if args.oldest_first {
        filter = filter.oldest_first();
    }
    let mut table = Table::new(["ID", "FAILED", "SERVICE", "PATTERN", "REASON", "STATUS", "TRIES", "ERROR"]);
    let mut last = None;
    let more = pages::each(reader, filter, |letter| {
        if args.json {
            output.json(&letter)?;
        } else {
            table.push([
                letter.id.to_string(),
                utc(letter.failed_at),
                letter.service,
                letter.route.as_str().to_owned(),
                letter.reason.to_string(),
                letter.status.to_string(),
                letter.attempts.to_string(),
                letter.error_message,
            ]);
        }
        last = Some(letter.id);
        Ok(())
    })?;
    match (&last, args.json) {
        (_, true) => {}
        (None, false) => tell("no letter matches"),
        (Some(_), false) => table.print(output)?,
    }
    output.flush()?;
    if let Some(last) = last.filter(|_| more) {
        tell(&format!("there are more: --after {last}"));
    }
    Ok(())
}
