//! Standard output: written in blocks, in colour only on a terminal, and never a panic when nobody reads it.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use crate::failure::Failure;

/// Standard output.
pub(crate) struct Output {
    out: BufWriter<io::Stdout>,
    coloured: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let stdout = io::stdout();
        Self { coloured: stdout.is_terminal() && !no_colour, out: BufWriter::new(stdout) }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{line}")?)
    }

    /// Writes a value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
        self.line("")
    }

    /// Hands over what was written, so that a reader sees it now.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    /// A heading.
    pub(crate) fn bold(&self, text: &str) -> String {
        if self.coloured { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The same text without control characters but for the ends of lines: what an event brought is printed to a terminal.
pub(crate) fn plain(text: &str) -> String {
    let shown = |letter: char| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter };
    text.chars().map(shown).collect()
}
