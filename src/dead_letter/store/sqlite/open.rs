//! Opens the file, and refuses what is not ours to write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{SqliteStore, schema};
use crate::dead_letter::store::StoreError;

/// How long a write waits for another program that holds the file.
const BUSY: Duration = Duration::from_secs(5);

pub(super) fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    let opening = Opening { path: real_path(path)? };
    let lock = opening.lock()?;
    opening.make_file()?;
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

/// The absolute path, so that SQLite sees no `:memory:` in it, and every way to one file takes the same lock.
fn real_path(path: &Path) -> Result<PathBuf, StoreError> {
    let problem = |problem: String| StoreError::Open { path: path.display().to_string(), problem };
    let absolute = std::path::absolute(path).map_err(|error| problem(format!("{error}: name a file")))?;
    if absolute.is_dir() {
        return Err(problem("it is a directory: name a file in it".to_owned()));
    }
    if let Ok(real) = absolute.canonicalize() {
        return Ok(real);
    }
    match (absolute.parent(), absolute.file_name()) {
        (Some(directory), Some(name)) => {
            let directory = directory
                .canonicalize()
                .map_err(|error| problem(format!("its directory cannot be used ({error}): make it first")))?;
            Ok(directory.join(name))
        }
        _ => Err(problem("it names no file".to_owned())),
    }
}

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
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: self.path.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(self.problem(&format!("it cannot be locked ({error})"))),
        }
    }

    /// Makes the file before SQLite does, to give it its mode; SQLite gives the same mode to `-wal` and `-shm`.
    fn make_file(&self) -> Result<(), StoreError> {
        let file = private(OpenOptions::new().create(true).truncate(false))
            .open(&self.path)
            .map_err(|error| self.problem(&format!("it cannot be written ({error})")))?;
        let empty = file.metadata().is_ok_and(|metadata| metadata.len() == 0);
        if empty {
            self.restrict().map_err(|error| self.problem(&format!("its mode cannot be set ({error})")))?;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn restrict(&self) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&self.path, fs::Permissions::from_mode(0o600))
    }

    #[cfg(not(unix))]
    fn restrict(&self) -> io::Result<()> {
        fs::metadata(&self.path).map(drop)
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(&self.path, flags).map_err(|error| self.sqlite(&error))?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.busy_timeout(BUSY).map_err(|error| self.sqlite(&error))?;
        // Looked at before anything is written: another program's database must stay as it is.
        let version = self.version(&connection)?;
        self.configure(&connection).map_err(|error| self.sqlite(&error))?;
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
        match (application, version) {
            (schema::APPLICATION_ID, found) if found > schema::VERSION => {
                Err(StoreError::NewerSchema { path: path(), found, known: schema::VERSION })
            }
            (schema::APPLICATION_ID, 1..) => Ok(version),
            (0, 0) if tables == 0 => Ok(0),
            _ => Err(StoreError::Foreign { path: path() }),
        }
    }

    fn configure(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // With WAL, FULL syncs at each commit: what is confirmed survives a loss of power.
        connection.pragma_update(None, "synchronous", "FULL")
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

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.read(true).write(true).mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.read(true).write(true)
}
