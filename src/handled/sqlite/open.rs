//! Opens the file.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema;
use crate::handled::error::HandledError;
use crate::sqlite_file::{self, BUSY};

pub(super) fn open(path: &Path) -> Result<(Connection, PathBuf), HandledError> {
    let problem = |problem: String| HandledError::Open { path: path.display().to_string(), problem };
    let real = sqlite_file::real_path(path).map_err(problem)?;
    sqlite_file::make(&real)
        .map_err(|error| problem(format!("{error}: check its directory and its permissions")))?;
    let (connection, found) = connect(&real).map_err(|error| {
        problem(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                format!(
                    "it is damaged or no SQLite database ({error}): restore it from a backup, or move it away"
                )
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                format!("another program holds it ({error}): let that one finish its transaction")
            }
            _ => {
                format!("SQLite says: {error}: check its directory and its permissions, or name another file")
            }
        })
    })?;
    if found > schema::VERSION {
        let path = path.display().to_string();
        return Err(HandledError::NewerSchema { path, found, known: schema::VERSION });
    }
    Ok((connection, real))
}

fn connect(path: &Path) -> rusqlite::Result<(Connection, i64)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.busy_timeout(BUSY)?;
    sqlite_file::configure(&connection)?;
    let found = schema::prepare(&mut connection)?;
    Ok((connection, found))
}
