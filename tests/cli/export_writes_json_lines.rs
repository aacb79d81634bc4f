//! `export` writes whole letters, the oldest first, into a file that was not there.

use std::fs;

use crate::support::{Room, letters, many_letters, run, text};

#[actix::test]
async fn all_of_them() {
    let room = Room::new();
    // More than one page of its reading.
    let store = many_letters(&room, 1200).await;
    let file = room.path("letters.jsonl");
    let export = run(&["dead-letters", "--store", &store, "export", text(&file)]).expect(0);
    assert_eq!((export.stdout.as_str(), export.stderr.contains("wrote 1200 letters")), ("", true));
    let written = fs::read_to_string(&file).unwrap();
    let letters: Vec<nestling::DeadLetter> =
        written.lines().map(|line| serde_json::from_str(line).expect("a whole letter")).collect();
    assert_eq!(letters.len(), 1200);
    assert!(letters.is_sorted_by(|older, newer| older.id < newer.id), "the oldest first, each once");
    let piped = run(&["dead-letters", "--store", &store, "export", "-", "--limit", "700"]).expect(0).stdout;
    assert!(written.starts_with(&piped) && piped.lines().count() == 700);
}

#[actix::test]
async fn never_over_another_file_unless_told() {
    let room = Room::new();
    let store = letters(&room, 1).await;
    let file = room.path("letters.jsonl");
    fs::write(&file, "mine").unwrap();
    let refused = run(&["dead-letters", "--store", &store, "export", text(&file)]).expect(3);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    run(&["dead-letters", "--store", &store, "export", text(&file), "--force", "--service", "mail"])
        .expect(0);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1);
}

#[cfg(unix)]
#[actix::test]
async fn for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let store = letters(&room, 1).await;
    let file = room.path("letters.jsonl");
    run(&["dead-letters", "--store", &store, "export", text(&file)]).expect(0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}
