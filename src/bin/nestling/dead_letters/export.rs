//! `nestling dead-letters export`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use nestling::SqliteReader;

use super::filter::FilterArgs;
use super::pages;
use crate::failure::{Failure, tell};
use crate::output::Output;

/// Writes letters into a file, each as one line of JSON, the oldest first
///
/// Only its owner can read the file: it holds the events' payloads.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file; - is stdout
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    filter: FilterArgs,

    /// At most so many; all, if it is left out
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, reader: &SqliteReader, output: &mut Output) -> Result<(), Failure> {
    let mut filter = args.filter.filter().oldest_first();
    filter.limit = args.limit;
    if args.file.as_os_str() == "-" {
        return pages::each(reader, filter, |letter| output.json(&letter)).map(drop);
    }
    let failed =
        |error: io::Error| Failure::Write(io::Error::other(format!("{}: {error}", args.file.display())));
    let mut file = BufWriter::new(make(&args.file, args.force).map_err(failed)?);
    let mut count = 0_u64;
    pages::each(reader, filter, |letter| {
        count += 1;
        serde_json::to_writer(&mut file, &letter).map_err(io::Error::from).map_err(failed)?;
        file.write_all(b"\n").map_err(failed)
    })?;
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    tell(&format!("wrote {count} letters into {}", args.file.display()));
    Ok(())
}

fn make(path: &Path, force: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(!force).create(force).truncate(force);
    private(&mut options);
    options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            io::Error::other("it is there already: name another file, or say --force")
        }
        _ => error,
    })
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}
