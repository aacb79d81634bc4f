//! Reads purchases from CSV, row by row: a row that is wrong is told apart, and the rest go on.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::date::Date;
use crate::lines::{Lines, Record};
use crate::money::Cents;

const COLUMNS: [&str; 4] = ["customer_id", "date", "quantity", "dollars"];

/// What one customer bought on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purchase {
    /// The line of the file, from 1.
    pub(crate) line: u64,
    pub(crate) customer_id: u64,
    pub(crate) date: Date,
    /// At least 1.
    pub(crate) quantity: u32,
    pub(crate) total: Cents,
}

/// Why a file holds no purchases at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("is empty: its first line must name the columns {}", COLUMNS.join(", "))]
    Empty,
    #[error("line 1 names no column `{column}`, only: {found}")]
    MissingColumn { column: &'static str, found: String },
    #[error("line 1 names the column `{column}` twice")]
    RepeatedColumn { column: &'static str },
}

/// A row that is no purchase.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct BadRow {
    /// The line of the file, from 1.
    pub(crate) line: u64,
    pub(crate) reason: String,
}

/// The purchases of a file, in its order.
#[derive(Debug)]
pub(crate) struct Purchases<R> {
    lines: Lines<R>,
    columns: Vec<String>,
    /// Where in a row the fields of [`COLUMNS`] stand.
    positions: [usize; 4],
}

impl Purchases<BufReader<File>> {
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        Self::read(BufReader::new(File::open(path)?))
    }
}

impl<R: BufRead> Purchases<R> {
    pub(crate) fn read(input: R) -> Result<Self, FileError> {
        let mut lines = Lines::new(input);
        let header = lines.next_record()?.ok_or(FileError::Empty)?.fields;
        // Spreadsheets put a byte order mark before the first column's name.
        let bare = |name: &[u8]| shown(name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name).trim_ascii());
        let columns: Vec<_> = header.iter().map(|name| bare(name)).collect();
        let mut positions = [0; 4];
        for (position, column) in positions.iter_mut().zip(COLUMNS) {
            let mut found = (0..columns.len()).filter(|&index| columns[index] == column);
            let missing = || FileError::MissingColumn { column, found: columns.join(", ") };
            *position = found.next().ok_or_else(missing)?;
            if found.next().is_some() {
                return Err(FileError::RepeatedColumn { column });
            }
        }
        Ok(Self { lines, columns, positions })
    }

    /// How far the file has been read.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    /// The next row, or `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read any further.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<Result<Purchase, BadRow>>> {
        while let Some(Record { mut lines, fields, closed }) = self.lines.next_record()? {
            let line = lines[0].number;
            if lines.iter().all(|line| line.bytes.trim_ascii().is_empty()) {
                continue;
            }
            let row = if closed { self.purchase(line, &fields) } else { Err("a quote is not closed".into()) };
            // What a stray quote ran together is read again line by line, so that only its own line is lost.
            if row.is_err() {
                self.lines.give_back(lines.drain(1..));
            }
            return Ok(Some(row.map_err(|reason| BadRow { line, reason })));
        }
        Ok(None)
    }

    fn purchase(&self, line: u64, fields: &[Vec<u8>]) -> Result<Purchase, String> {
        for (field, column) in fields.iter().zip(&self.columns) {
            if str::from_utf8(field).is_err() {
                return Err(format!("{column} is not UTF-8: {}", shown(field)));
            }
        }
        if fields.len() != self.columns.len() {
            return Err(format!("it has {} fields, and line 1 names {}", fields.len(), self.columns.len()));
        }
        let [customer_id, date, quantity, dollars] = self.positions.map(|position| {
            // Neither can fail: the length and the encoding were checked.
            let field = fields.get(position).map_or(&[][..], |field| field.trim_ascii());
            str::from_utf8(field).unwrap_or_default()
        });
        Ok(Purchase {
            line,
            customer_id: field("customer_id", customer_id, whole)?,
            date: field("date", date, str::parse)?,
            quantity: field("quantity", quantity, at_least_one)?,
            total: field("dollars", dollars, str::parse)?,
        })
    }
}

/// Why a text is no whole number.
#[derive(Debug, thiserror::Error)]
enum NumberError {
    #[error("is not a whole number")]
    Malformed,
    #[error("is less than 1")]
    TooSmall,
    #[error("is too large")]
    TooLarge,
}

fn field<T, E: Display>(column: &str, text: &str, parse: fn(&str) -> Result<T, E>) -> Result<T, String> {
    if text.is_empty() {
        return Err(format!("{column} is empty"));
    }
    parse(text).map_err(|problem| format!("{column} `{}` {problem}", shown(text.as_bytes())))
}

fn whole(text: &str) -> Result<u64, NumberError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::Malformed);
    }
    text.parse().map_err(|_| NumberError::TooLarge)
}

fn at_least_one(text: &str) -> Result<u32, NumberError> {
    let negative = text.strip_prefix('-').is_some_and(|rest| whole(rest).is_ok());
    if negative || whole(text)? == 0 {
        return Err(NumberError::TooSmall);
    }
    whole(text)?.try_into().map_err(|_| NumberError::TooLarge)
}

/// What a field says, short, and without what would upset a terminal.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text: String =
        String::from_utf8_lossy(bytes).chars().take(LONGEST + 1).flat_map(char::escape_debug).collect();
    if bytes.len() > LONGEST { text.chars().take(LONGEST).chain(['…']).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<Result<Purchase, String>> {
        let mut purchases = Purchases::read(text).unwrap();
        std::iter::from_fn(|| purchases.next_row().unwrap())
            .map(|row| row.map_err(|bad| format!("{}: {}", bad.line, bad.reason)))
            .collect()
    }

    fn lines(text: &[u8]) -> Vec<Result<u64, String>> {
        rows(text).into_iter().map(|row| row.map(|purchase| purchase.line)).collect()
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let text =
            b"\xef\xbb\xbfdollars, note ,date,quantity,customer_id\r\n 1.50 ,\"a\nb\",1997-01-01,2,7\r\n";
        let date = "1997-01-01".parse().unwrap();
        let purchase = Purchase { line: 2, customer_id: 7, date, quantity: 2, total: Cents(150) };
        assert_eq!(rows(text), [Ok(purchase)]);
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let text = b"customer_id,date,quantity,dollars\r\n\r\n1,1997-01-01,1,1\r\n\n\n2,1997-01-01,0,1\r\n3,1997-01-01,1,1";
        assert_eq!(lines(text), [Ok(3), Err("6: quantity `0` is less than 1".into()), Ok(7)]);
    }

    #[test]
    fn a_stray_quote_spoils_one_line_only() {
        let text = b"customer_id,date,quantity,dollars\n1,\"1997-01-01,1,1\n2,1997-01-01,1,1\n3,\"1997-01-01,1,1\n4,1997-01-01,1,1\n";
        let lines = lines(text);
        assert_eq!(lines.len(), 4);
        assert!(lines[0].is_err() && lines[2].is_err());
        assert_eq!((&lines[1], &lines[3]), (&Ok(3), &Ok(5)));
    }

    #[test]
    fn rows_that_are_no_purchase_say_why() {
        for (row, reason) in [
            (&b",1997-01-01,1,1"[..], "customer_id is empty"),
            (b"x,1997-01-01,1,1", "customer_id `x` is not a whole number"),
            (b"1,1997-02-29,1,1", "date `1997-02-29` is not a day of the calendar"),
            (b"1,01/02/97,1,1", "date `01/02/97` is not written YYYY-MM-DD"),
            (b"1,1997-01-01,-3,1", "quantity `-3` is less than 1"),
            (b"1,1997-01-01,1.5,1", "quantity `1.5` is not a whole number"),
            (b"1,1997-01-01,4294967296,1", "quantity `4294967296` is too large"),
            (b"1,1997-01-01,1,-1", "dollars `-1` is less than 0"),
            (b"1,1997-01-01,1,1.999", "dollars `1.999` has more than two decimals"),
            (b"1,1997-01-01,1", "it has 3 fields, and line 1 names 4"),
            (b"1,1997-01-01,1,1,234.50", "it has 5 fields, and line 1 names 4"),
            (b"1,1997-01-01,1,1\r2,1997-01-01,1,1", "it has 7 fields, and line 1 names 4"),
            (b"1,1997-01-01,1,\xff\xfe", "dollars is not UTF-8: \u{fffd}\u{fffd}"),
            (b"1,\x1b[2J,1,1", "date `\\u{1b}[2J` is not written YYYY-MM-DD"),
        ] {
            let text = [b"customer_id,date,quantity,dollars\n", row].concat();
            assert_eq!(rows(&text), [Err(format!("2: {reason}"))]);
        }
    }

    #[test]
    fn a_file_without_the_columns_is_refused() {
        let error = |text: &[u8]| Purchases::read(text).unwrap_err().to_string();
        assert_eq!(
            error(b""),
            "is empty: its first line must name the columns customer_id, date, quantity, dollars"
        );
        assert_eq!(
            error(b"customer_id,date,cds\n"),
            "line 1 names no column `quantity`, only: customer_id, date, cds"
        );
        assert_eq!(
            error(b"date,customer_id,date,quantity,dollars\n"),
            "line 1 names the column `date` twice"
        );
    }
}
