//! The table of ratios that every bench ends with.

use std::fmt;

/// What the contestants of one contest took, round by round; the first contestant is the one all are compared with.
#[derive(Debug)]
pub struct Column {
    title: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    /// Seconds for one operation, by round.
    turns: Vec<f64>,
    goal: Option<f64>,
}

impl Column {
    /// A contest without turns yet.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), rows: Vec::new() }
    }

    /// Notes that one operation of `name` took so many seconds in this round.
    pub fn turn(&mut self, name: &'static str, seconds: f64) {
        match self.rows.iter_mut().find(|row| row.name == name) {
            Some(row) => row.turns.push(seconds),
            None => self.rows.push(Row { name, turns: vec![seconds], goal: None }),
        }
    }

    pub(crate) fn with_goals(mut self, goals: &[(&'static str, f64)]) -> Self {
        for row in &mut self.rows {
            row.goal = goals.iter().find(|(name, _)| *name == row.name).map(|(_, goal)| *goal);
        }
        self
    }

    fn cell(&self, name: &str) -> Option<Cell> {
        let base = self.rows.first()?;
        let row = self.rows.iter().find(|row| row.name == name)?;
        let ratios = row.turns.iter().zip(&base.turns).map(|(turn, base)| turn / base).collect();
        Some(Cell { ratio: median(ratios), nanos: median(row.turns.clone()) * 1e9, goal: row.goal })
    }
}

struct Cell {
    ratio: f64,
    nanos: f64,
    goal: Option<f64>,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "×{:.2} {:>9}", self.ratio, time(self.nanos))?;
        match self.goal {
            Some(goal) if self.ratio > goal => write!(f, " >{goal:.2}"),
            _ => write!(f, "      "),
        }
    }
}

/// The contests of one bench: a row a contestant, a column a contest.
#[derive(Debug)]
pub struct Table {
    title: String,
    columns: Vec<Column>,
}

impl Table {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), columns: Vec::new() }
    }

    pub(crate) fn push(&mut self, column: Column) {
        self.columns.push(column);
    }

    fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for row in self.columns.iter().flat_map(|column| &column.rows) {
            if !names.contains(&row.name) {
                names.push(row.name);
            }
        }
        names
    }
}

/// `×` is the median of the rounds' ratios to the first row; the time beside it is the median of one operation. A
/// cell that misses its goal ends with `>` and the goal.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        let first =
            names.iter().map(|name| name.chars().count()).chain([self.title.len()]).max().unwrap_or(0);
        let width = self.columns.iter().map(|column| column.title.chars().count()).max().unwrap_or(0).max(21);
        write!(f, "{:first$}", self.title)?;
        for column in &self.columns {
            write!(f, "  {:>width$}", column.title)?;
        }
        for name in names {
            write!(f, "\n{name:first$}")?;
            for column in &self.columns {
                let cell = column.cell(name).map_or_else(|| "-".to_owned(), |cell| cell.to_string());
                write!(f, "  {cell:>width$}")?;
            }
        }
        writeln!(f)
    }
}

/// The middle value; 0 of nothing.
#[must_use]
pub fn median(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

/// The value that the share `q` of all does not exceed; 0 of nothing.
#[must_use]
pub fn quantile(mut values: Vec<f64>, q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * q).round() as usize).copied().unwrap_or(0.0)
}

/// A time in the unit that suits it.
#[must_use]
pub fn time(nanos: f64) -> String {
    match nanos {
        n if n < 1e4 => format!("{n:.0} ns"),
        n if n < 1e7 => format!("{:.1} µs", n / 1e3),
        n => format!("{:.1} ms", n / 1e6),
    }
}
