//! Opens the file, and refuses what is not ours to write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{SqliteStore, schema};
use crate::dead_letter::store::StoreError;
use crate::sqlite_file::{self, BUSY, private};

pub(super) fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    let opening = Opening { path: real_path(path)? };
    let lock = opening.lock()?;
    sqlite_file::make(&opening.path).map_err(|problem| opening.problem(&problem))?;
    let connection = opening.connect()?;
    Ok(SqliteStore { connection, path: opening.path, _lock: lock })
}

/// A connection that cannot write, to a file that is there.
pub(super) fn open_to_read(path: &Path) -> Result<(Connection, PathBuf), StoreError> {
    let opening = Opening { path: real_path(path)? };
    let problem = |problem: &str| StoreError::Open {
        path: opening.path.display().to_string(),
        problem: problem.to_owned(),
    };
    match fs::metadata(&opening.path) {
        Ok(file) if file.len() == 0 => return Err(problem("the file is empty")),
        Ok(_) => {}
        Err(error) => return Err(problem(&format!("{error}: name the file that a node keeps them in"))),
    }
    let connection = opening.connect_to_read()?;
    Ok((connection, opening.path))
}

fn real_path(path: &Path) -> Result<PathBuf, StoreError> {
    sqlite_file::real_path(path)
        .map_err(|problem| StoreError::Open { path: path.display().to_string(), problem })
}

/// How long a lock may be held by nobody who means it.
const SETTLING: Duration = Duration::from_millis(100);

struct Opening {
    path: PathBuf,
}

impl Opening {
    /// Takes the lock that keeps a second node away: its opening would undo the claims of this one's replays.
    /// It is a file of its own, because closing any handle to SQLite's file would drop SQLite's own locks.
    fn lock(&self) -> Result<File, StoreError> {
        let mut path = self.path.clone().into_os_string();
        path.push("-lock");
        let file = private(OpenOptions::new().create(true).truncate(false)).open(&path).map_err(|error| {
            self.problem(&format!("`{}` cannot be written ({error})", Path::new(&path).display()))
        })?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                // A process that is just being started has what its parent has, until it becomes another program.
                Err(TryLockError::WouldBlock) if began.elapsed() < SETTLING => {
                    std::thread::sleep(SETTLING / 20);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::InUse { path: self.path.display().to_string() });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(self.problem(&format!("it cannot be locked ({error})")));
                }
            }
        }
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(&self.path, flags).map_err(|error| self.sqlite(&error))?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.busy_timeout(BUSY).map_err(|error| self.sqlite(&error))?;
        // Looked at before anything is written: another program's database must stay as it is.
        let version = self.version(&connection)?;
        sqlite_file::configure(&connection).map_err(|error| self.sqlite(&error))?;
        if version > 0 {
            self.check(&connection)?;
        }
        schema::prepare(&mut connection, version).map_err(|error| self.sqlite(&error))?;
        Ok(connection)
    }

    /// A connection that cannot write, not even to bring the schema to its newest version.
    fn connect_to_read(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&self.path, flags).map_err(|error| self.sqlite(&error))?;
        connection.busy_timeout(BUSY).map_err(|error| self.sqlite(&error))?;
        match self.version(&connection)? {
            schema::VERSION => Ok(connection),
            0 => Err(StoreError::Foreign { path: self.path.display().to_string() }),
            _ => Err(StoreError::Open {
                path: self.path.display().to_string(),
                problem: "an older version of nestling wrote it: open it once with a node of this one"
                    .to_owned(),
            }),
        }
    }

    /// The version of the file's schema: 0 if the file is empty.
    fn version(&self, connection: &Connection) -> Result<i64, StoreError> {
        let number = |sql| {
            connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|error| self.sqlite(&error))
        };
        let path = || self.path.display().to_string();
        let (application, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
        let tables = number("SELECT count(*) FROM sqlite_schema")?;
        let shared = || number("SELECT count(*) FROM sqlite_schema WHERE name = 'nestling_schema'");
        match (application, version) {
            (schema::APPLICATION_ID, found) if found > schema::VERSION => {
                Err(StoreError::NewerSchema { path: path(), found, known: schema::VERSION })
            }
            (schema::APPLICATION_ID, 1..) => Ok(version),
            // Empty, or a `SqliteHandled` was there first, perhaps beside the application's own tables.
            (0, 0) if tables == 0 || shared()? > 0 => Ok(0),
            _ => Err(StoreError::Foreign { path: path() }),
        }
    }

    fn check(&self, connection: &Connection) -> Result<(), StoreError> {
        let found: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.sqlite(&error))?;
        if found == "ok" { Ok(()) } else { Err(self.damaged(found)) }
    }

    fn problem(&self, problem: &str) -> StoreError {
        StoreError::Open {
            path: self.path.display().to_string(),
            problem: format!("{problem}: check its directory and its permissions, or name another file"),
        }
    }

    fn damaged(&self, detail: String) -> StoreError {
        StoreError::Damaged { path: self.path.display().to_string(), detail }
    }

    fn sqlite(&self, error: &rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => self.damaged(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreError::InUse { path: self.path.display().to_string() }
            }
            _ => self.problem(&format!("SQLite says: {error}")),
        }
    }
}
