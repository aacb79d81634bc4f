//! Looks into a file that a node may have open.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{groups, open, read};
use crate::dead_letter::record::DeadLetter;
use crate::dead_letter::store::{Filter, Group, Page, StoreError};
use crate::metadata::Id;

/// Looks into the file of a [`SqliteStore`](crate::SqliteStore), also while a node has it open.
///
/// It takes no lock that a node would wait for and writes nothing into the file. Each call sees what was confirmed before it.
/// A letter that is [`Replaying`](crate::Status::Replaying) while no node runs becomes new when one opens the file.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
    path: PathBuf,
}

impl SqliteReader {
    /// Opens a file that is there; it is never made. SQLite must be able to make its `-shm` beside it, or find it there.
    ///
    /// # Errors
    ///
    /// If the file is not there, cannot be read, is damaged, or is no store of this version of this crate.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let (connection, path) = open::open_to_read(path.as_ref())?;
        Ok(Self { connection, path })
    }

    /// One letter.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn get(&self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        read::get(&self.connection, id).map_err(|error| self.failed(&error))
    }

    /// The letters that match, at most [`Filter::limit`] (100 if it is not set), in the filter's order. While a node
    /// writes, a long list is better read in pages, which [`Page::next`] leads through.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Page, StoreError> {
        read::list(&self.connection, filter).map_err(|error| self.failed(&error))
    }

    /// The letters that match, by fingerprint, the largest group first.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn groups(&self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        groups::groups(&self.connection, filter).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::Failed(format!("{}: {error}", self.path.display()))
    }
}
