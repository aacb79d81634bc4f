//! The progress bar: on a terminal only, so that a file or a pipe gets nothing but the report.

use std::fs;
use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for the bytes of a file; a spinner where its length is not known, as with a pipe.
pub(crate) fn bar(file: &Path, verbose: bool) -> ProgressBar {
    // Log lines and a bar would write over each other.
    if verbose || !stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let length = fs::metadata(file).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len());
    let (length, template) = match length {
        Some(length) => (Some(length), "{bar:40} {percent:>3} %  {msg}  {elapsed}"),
        None => (None, "{spinner} {bytes}  {msg}  {elapsed}"),
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stdout());
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
