//! What all SQLite files of this crate have in common: where they are, who may read them, how they sync.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

/// How long a write waits for another connection that holds the file.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// The absolute path, so that SQLite sees no `:memory:` in it, and every way to one file is the same.
///
/// # Errors
///
/// What is wrong with it, in words.
pub(crate) fn real_path(path: &Path) -> Result<PathBuf, String> {
    let absolute = std::path::absolute(path).map_err(|error| format!("{error}: name a file"))?;
    if absolute.is_dir() {
        return Err("it is a directory: name a file in it".to_owned());
    }
    if let Ok(real) = absolute.canonicalize() {
        return Ok(real);
    }
    match (absolute.parent(), absolute.file_name()) {
        (Some(directory), Some(name)) => {
            let directory = directory
                .canonicalize()
                .map_err(|error| format!("its directory cannot be used ({error}): make it first"))?;
            Ok(directory.join(name))
        }
        _ => Err("it names no file".to_owned()),
    }
}

/// Makes the file before SQLite does, to give it its mode; SQLite gives the same mode to `-wal` and `-shm`.
///
/// A file that is there is never opened: to close it again would drop the locks of whoever in this process has it open.
///
/// # Errors
///
/// What cannot be done, in words.
pub(crate) fn make(path: &Path) -> Result<(), String> {
    let empty = match private(OpenOptions::new().create_new(true)).open(path) {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::metadata(path).is_ok_and(|file| file.len() == 0)
        }
        Err(error) => return Err(format!("it cannot be written ({error})")),
    };
    if empty {
        restrict(path).map_err(|error| format!("its mode cannot be set ({error})"))?;
    }
    Ok(())
}

/// Makes what is committed durable.
pub(crate) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // With WAL, FULL syncs at each commit: what is confirmed survives a loss of power.
    connection.pragma_update(None, "synchronous", "FULL")
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(path: &Path) -> io::Result<()> {
    fs::metadata(path).map(drop)
}

/// To read and write, by the owner only.
#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.read(true).write(true).mode(0o600)
}

/// To read and write, by the owner only.
#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.read(true).write(true)
}
