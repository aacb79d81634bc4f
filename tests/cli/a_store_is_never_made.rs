//! A file that is not there is not made, and one of another program is not touched.

use std::fs;

use crate::support::{Room, run, text};

const COMMANDS: [&[&str]; 5] =
    [&["list"], &["show", "x"], &["groups"], &["discard", "--all"], &["export", "-"]];

fn refused(store: &str, said: &str) {
    for command in COMMANDS {
        let args: Vec<_> = ["dead-letters", "--store", store].iter().chain(command).copied().collect();
        let run = run(&args).expect(3);
        assert!(run.stderr.contains(said) && run.stderr.contains(store), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_missing_file() {
    let room = Room::new();
    refused(text(&room.path("letters.db")), "No such file");
    assert_eq!(room.names(), [""; 0]);
    refused(text(&room.path("nowhere/letters.db")), "No such file");
}

#[test]
fn what_is_no_store() {
    let room = Room::new();
    for (bytes, said) in
        [(&b""[..], "empty"), (b"hello, this is a text and no database at all", "no SQLite database")]
    {
        fs::write(room.path("letters.db"), bytes).unwrap();
        refused(text(&room.path("letters.db")), said);
        assert_eq!(fs::read(room.path("letters.db")).unwrap(), bytes);
        assert_eq!(room.names(), ["letters.db"]);
    }
}
