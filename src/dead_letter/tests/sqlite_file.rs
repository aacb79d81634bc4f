//! The SQLite file: what is made, what is refused, and what survives.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::super::store::Change;
use super::super::*;
use super::support::{error, event, letter, local, record, room, told};

fn refused(path: &Path) -> StoreError {
    let error = SqliteStore::open(path).map(drop).unwrap_err();
    assert!(error.to_string().contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
    error
}

#[test]
fn letters_survive_and_what_was_being_replayed_is_new_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let mut store = SqliteStore::open(&path).unwrap();
    record(&mut store, (1..=4).map(letter));
    let turn = |store: &mut SqliteStore, n, to| store.turn(&letter(n).id, Status::New, to).unwrap();
    turn(&mut store, 1, Status::Replaying);
    turn(&mut store, 2, Status::Resolved);
    turn(&mut store, 3, Status::Discarded);
    drop(store);

    let mut store = SqliteStore::open(&path).unwrap();
    let found: Vec<_> = store.list(&Filter::new().oldest_first()).unwrap().into_iter().collect();
    let statuses: Vec<_> = found.iter().map(|letter| letter.status).collect();
    assert_eq!(statuses, [Status::New, Status::Resolved, Status::Discarded, Status::New]);
    assert_eq!(found[0].replay_count, 0);
    assert_eq!(told(&found[3]), told(&letter(4)));
}

#[test]
fn a_whole_room_finds_its_letters_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    for round in 1..=3 {
        local(async {
            let (sink, letters) = room(SqliteStore::open(&path).unwrap());
            for n in 0..500 {
                sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
            }
            letters.flush().await.unwrap();
            let groups = letters.groups(Filter::new()).await.unwrap();
            assert_eq!((groups.len(), groups[0].count), (1, round * 500));
            // It ends without a word: no shutdown, just dropped handles.
            letters.close(std::time::Duration::from_secs(60)).await;
        });
    }
}

#[test]
fn a_batch_is_written_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let mut store = SqliteStore::open(&path).unwrap();
    // Another program's trigger stands for a disk that fails in the middle.
    let other = Connection::open(&path).unwrap();
    let fail = "CREATE TRIGGER fail BEFORE INSERT ON dead_letters WHEN NEW.attempts = 99 BEGIN SELECT RAISE(ABORT, 'full'); END";
    other.execute_batch(fail).unwrap();
    let mut bad = letter(2);
    bad.attempts = 99;
    let mut batch: Vec<_> =
        [letter(1), bad, letter(3)].into_iter().map(|one| Change::Record(Box::new(one))).collect();
    assert!(matches!(store.write(&mut batch), Err(StoreError::Failed(_))));
    assert_eq!(store.list(&Filter::new()).unwrap().letters.len(), 0);
    other.execute_batch("DROP TRIGGER fail").unwrap();
    store.write(&mut batch).unwrap();
    assert_eq!(store.list(&Filter::new()).unwrap().letters.len(), 3);
}

#[test]
fn what_is_confirmed_is_synced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let store = SqliteStore::open(&path).unwrap();
    let mode: String =
        Connection::open(&path).unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    assert_eq!(store.synchronous(), 2, "FULL");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    fs::set_permissions(&empty, fs::Permissions::from_mode(0o644)).unwrap();
    for path in [directory.path().join("letters.db"), empty] {
        let mut store = SqliteStore::open(&path).unwrap();
        record(&mut store, [letter(1)]);
        for suffix in ["", "-wal", "-shm", "-lock"] {
            let file = format!("{}{suffix}", path.display());
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
}

#[test]
fn one_node_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let store = SqliteStore::open(&path).unwrap();
    assert!(matches!(refused(&path), StoreError::InUse { .. }));
    drop(store);
    SqliteStore::open(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn one_node_at_a_time_whatever_way_it_takes_to_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let (path, link) = (directory.path().join("letters.db"), directory.path().join("link.db"));
    let _store = SqliteStore::open(&path).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(SqliteStore::open(&link), Err(StoreError::InUse { .. })));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let text = "purchases,customers\n".repeat(1000);
    fs::write(&path, &text).unwrap();
    assert!(matches!(refused(&path), StoreError::Damaged { .. }));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_damaged_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let mut store = SqliteStore::open(&path).unwrap();
    record(&mut store, (1..=200).map(letter));
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let (from, to) = (bytes.len() / 3, bytes.len() / 2);
    bytes[from..to].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(refused(&path), StoreError::Damaged { .. }));
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE customers (id INTEGER)").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(refused(&path), StoreError::Foreign { .. }));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    assert!(matches!(refused(&path), StoreError::NewerSchema { found: 1000, .. }));
}

#[test]
fn a_place_where_no_file_can_be_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    assert!(refused(directory.path()).to_string().contains("it is a directory"));
    assert!(refused(&directory.path().join("no/such/letters.db")).to_string().contains("make it first"));
    let file = directory.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(matches!(refused(&file.join("letters.db")), StoreError::Open { .. }));
    assert!(matches!(SqliteStore::open(""), Err(StoreError::Open { .. })));
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let closed = directory.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    // A user with all rights can write there: for them another place must stand for it.
    let closed =
        if fs::write(closed.join("probe"), "").is_ok() { Path::new("/proc").to_owned() } else { closed };
    if closed.is_dir() {
        assert!(matches!(refused(&closed.join("letters.db")), StoreError::Open { .. }));
    }
}

#[test]
fn a_name_that_sqlite_would_take_for_memory_is_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(":memory:");
    record(&mut SqliteStore::open(&path).unwrap(), [letter(1)]);
    assert_eq!(SqliteStore::open(&path).unwrap().list(&Filter::new()).unwrap().letters.len(), 1);
}
