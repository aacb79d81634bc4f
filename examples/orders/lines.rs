//! The physical lines of a file, and the records of CSV that they make up.
//!
//! The `csv` crate would take a quote that is never closed as the beginning of a field that holds the rest of the
//! file, and counts lines otherwise than an editor does. A test holds that sound records are read as it reads them.

use std::collections::VecDeque;
use std::io::{self, BufRead};

/// A record longer than this is taken for one whose quote is never closed.
const LONGEST_RECORD: usize = 64 * 1024;

/// One physical line, with its line break.
#[derive(Debug)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
}

/// The lines that one record of CSV is written on.
#[derive(Debug)]
pub(crate) struct Record {
    /// At least one.
    pub(crate) lines: Vec<Line>,
    pub(crate) fields: Vec<Vec<u8>>,
    /// False if the record opens a quote that does not close.
    pub(crate) closed: bool,
}

/// Reads lines, and takes back those that turned out not to belong together.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    returned: VecDeque<Line>,
    number: u64,
    bytes_read: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, returned: VecDeque::new(), number: 0, bytes_read: 0 }
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.returned.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let length = self.input.read_until(b'\n', &mut bytes)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes_read += length as u64;
        Ok(Some(Line { number: self.number, bytes }))
    }

    /// The lines are read again, before all that have not been read yet.
    pub(crate) fn give_back(&mut self, lines: impl DoubleEndedIterator<Item = Line>) {
        for line in lines.rev() {
            self.returned.push_front(line);
        }
    }

    pub(crate) fn next_record(&mut self) -> io::Result<Option<Record>> {
        let Some(first) = self.next_line()? else { return Ok(None) };
        let mut fields = Fields::default();
        fields.read(&first.bytes);
        let mut length = first.bytes.len();
        let mut lines = vec![first];
        while fields.state == State::Quoted && length <= LONGEST_RECORD {
            let Some(line) = self.next_line()? else { break };
            fields.read(&line.bytes);
            length += line.bytes.len();
            lines.push(line);
        }
        fields.done.push(fields.current);
        Ok(Some(Record { lines, fields: fields.done, closed: fields.state != State::Quoted }))
    }
}

/// The fields of a record, as far as it has been read.
#[derive(Debug, Default)]
struct Fields {
    done: Vec<Vec<u8>>,
    current: Vec<u8>,
    state: State,
}

/// Where in a field the next byte stands. A quote opens a quoted field only at a field's start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Bare,
    Quoted,
    /// Behind a quote inside a quoted field: it was the last one, unless a second one follows.
    MaybeClosed,
}

impl Fields {
    fn read(&mut self, line: &[u8]) {
        for &byte in line {
            self.state = match (self.state, byte) {
                (State::Start, b'"') => State::Quoted,
                (State::Quoted, b'"') => State::MaybeClosed,
                (State::Quoted, _) | (State::MaybeClosed, b'"') => {
                    self.current.push(byte);
                    State::Quoted
                }
                (_, b',') => {
                    self.done.push(std::mem::take(&mut self.current));
                    State::Start
                }
                (state, b'\n') => state,
                _ => {
                    self.current.push(byte);
                    State::Bare
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sound_records_are_read_as_the_csv_crate_reads_them(
            records in prop::collection::vec(prop::collection::vec("[a,\" \n\r]{0,6}", 1..5), 1..8),
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for record in &records {
                writer.write_record(record).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let mut lines = Lines::new(text.as_slice());
            for record in records {
                let read = lines.next_record().unwrap().unwrap();
                prop_assert!(read.closed);
                let fields: Vec<_> = read.fields.into_iter().map(|field| String::from_utf8(field).unwrap()).collect();
                prop_assert_eq!(fields, record);
            }
            prop_assert!(lines.next_record().unwrap().is_none());
        }
    }
}
