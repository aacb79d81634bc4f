//! Aligned tables.

use crate::failure::Failure;
use crate::output::{Output, plain};

/// The longest that a cell of free text may be, in letters.
const LONGEST: usize = 60;

/// Rows of cells, each column as wide as its widest cell; the last column is free text.
pub(super) struct Table<const N: usize> {
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(head: [&'static str; N]) -> Self {
        Self { head, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: [String; N]) {
        self.rows.push(row.map(|cell| short(&cell)));
    }

    pub(super) fn print(&self, output: &mut Output) -> Result<(), Failure> {
        let mut widths = self.head.map(str::len);
        for (index, cell) in self.rows.iter().flat_map(|row| row.iter().enumerate()) {
            widths[index] = widths[index].max(cell.chars().count());
        }
        let line = |cells: [&str; N]| {
            let cells =
                cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect::<Vec<_>>();
            cells.join("  ").trim_end().to_owned()
        };
        let head = output.bold(&line(self.head));
        output.line(head)?;
        self.rows.iter().try_for_each(|row| output.line(line(row.each_ref().map(String::as_str))))
    }
}

/// The first line, cut where it is long. Nothing in it can steer a terminal.
pub(super) fn short(text: &str) -> String {
    let mut lines = text.lines();
    let first = plain(lines.next().unwrap_or_default());
    if first.chars().count() <= LONGEST && lines.next().is_none() {
        return first;
    }
    first.chars().take(LONGEST - 1).chain(['…']).collect()
}
