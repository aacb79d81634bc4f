//! `nestling dead-letters`: what a node could not handle, in its SQLite file.

mod discard;
mod export;
mod filter;
mod groups;
mod list;
mod pages;
mod show;
mod table;

use std::path::PathBuf;

use clap::Subcommand;
use nestling::SqliteReader;

use crate::failure::Failure;
use crate::output::Output;

/// Looks into the dead letters that a node keeps in SQLite
///
/// Everything but `discard` only reads, and may be used while the node runs.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The SQLite file; it must be there
    #[arg(long, value_name = "FILE", global = true, default_value = "dead-letters.db")]
    store: PathBuf,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Groups(groups::Args),
    Discard(discard::Args),
    Export(export::Args),
}

const AFTER_HELP: &str = "\
Examples:
  nestling dead-letters list --service notifications --status new --since 2h
  nestling dead-letters groups                         which failures are alike, the most frequent first
  nestling dead-letters show 01a2c5b0-7c1e-7d33-9a51-3f0f6a1f2f10
  nestling dead-letters discard --fingerprint 8f31c2aa09d1e2b4
  nestling dead-letters export letters.jsonl --reason panic

Replays are the node's own business, for only it has the handlers: `node.dead_letters().replay(..)` in its code.
Times are in UTC.";

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<(), Failure> {
    // First, so that a file which is not there, or is another program's, is never made nor changed.
    let reader = SqliteReader::open(&args.store)?;
    match &args.command {
        Command::List(list) => list::run(list, &reader, output),
        Command::Show(show) => show::run(show, &reader, output),
        Command::Groups(groups) => groups::run(groups, &reader, output),
        Command::Export(export) => export::run(export, &reader, output),
        Command::Discard(discard) => {
            drop(reader);
            discard::run(discard, &args.store, output)
        }
    }
}
