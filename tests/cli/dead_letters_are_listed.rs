//! `list`, `show` and `groups` say what is in the file: tables for people, JSON lines for programs.

use nestling::{Reason, Status};

use crate::support::{Room, letters, run};

#[actix::test]
async fn as_a_table() {
    let room = Room::new();
    let store = letters(&room, 2).await;
    let list = run(&["dead-letters", "--store", &store, "list", "--oldest-first"]).expect(0);
    let rows: Vec<Vec<&str>> = list.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["ID", "FAILED", "SERVICE", "PATTERN", "REASON", "STATUS", "TRIES", "ERROR"]);
    assert_eq!(rows.len(), 5);
    let mail = rows.iter().find(|row| row[3] == "mail").unwrap();
    assert_eq!(mail[4..], ["order.created", "handler_error", "new", "1", "no", "address", "for", "1"]);
    assert!(list.stdout.contains("the books…"), "the first line of the message:\n{}", list.stdout);
    assert!(!list.stdout.contains('\u{1b}'), "neither colours in a pipe nor what an error brought");
    // Each column begins where its heading does.
    let column = list.stdout.find("SERVICE").unwrap();
    assert!(list.stdout.lines().skip(1).all(|line| ["mail", "ledg"].contains(&&line[column..column + 4])));
}

#[actix::test]
async fn as_json_lines() {
    let room = Room::new();
    let store = letters(&room, 2).await;
    let list = run(&["dead-letters", "list", "--store", &store, "--json"]).expect(0).json_lines();
    let letters: Vec<nestling::DeadLetter> =
        list.into_iter().map(|line| serde_json::from_value(line).expect("a whole letter")).collect();
    assert_eq!(letters.len(), 4);
    assert!(letters.is_sorted_by(|newer, older| newer.id > older.id), "the newest first");
    assert!(letters.iter().all(|letter| letter.status == Status::New && letter.node == "shop"));
    let id = letters[0].id.to_string();
    let shown = run(&["dead-letters", "--store", &store, "show", &id, "--json"]).expect(0).json_lines();
    assert_eq!(shown, [serde_json::to_value(&letters[0]).unwrap()]);
}

#[actix::test]
async fn only_those_that_match() {
    let room = Room::new();
    let store = letters(&room, 3).await;
    let count = |flags: &[&str]| {
        let args: Vec<_> =
            ["dead-letters", "--store", &store, "list", "--json"].iter().chain(flags).copied().collect();
        run(&args).expect(0).stdout.lines().count()
    };
    for (flags, expected) in [
        (&[][..], 6),
        (&["--service", "mail"], 3),
        (&["--pattern", "order.created"], 6),
        (&["--pattern", r#"{"cmd":"x"}"#], 0),
        (&["--reason", Reason::Panic.as_str()], 3),
        (&["--status", "discarded"], 0),
        (&["--since", "1h"], 6),
        (&["--since", "2999-01-01"], 0),
        (&["--until", "1h"], 0),
        (&["--text", "FOR 2"], 1),
        (&["--limit", "4"], 4),
        (&["--service", "mail", "--limit", "2", "--oldest-first"], 2),
    ] {
        assert_eq!(count(flags), expected, "{flags:?}");
    }
}

#[actix::test]
async fn page_by_page() {
    let room = Room::new();
    let store = letters(&room, 3).await;
    let first = run(&["dead-letters", "--store", &store, "list", "--limit", "4"]).expect(0);
    let after = first.stderr.trim().strip_prefix("there are more: --after ").expect("it says how to go on");
    let second =
        run(&["dead-letters", "--store", &store, "list", "--limit", "4", "--after", after]).expect(0);
    assert_eq!((first.stdout.lines().count(), second.stdout.lines().count()), (1 + 4, 1 + 2));
    assert_eq!(second.stderr, "");
}

#[actix::test]
async fn one_with_all_it_has() {
    let room = Room::new();
    let store = letters(&room, 1).await;
    let json =
        run(&["dead-letters", "--store", &store, "list", "--json", "--service", "ledger"]).json_lines();
    let id = json[0]["id"].as_str().unwrap();
    let shown = run(&["dead-letters", "--store", &store, "show", id]).expect(0).stdout;
    for text in [id, "ledger", "panicked at", "tests/cli/support.rs", "\"order_id\": 1", "are closed", "shop"]
    {
        assert!(shown.contains(text), "no `{text}` in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let unknown = run(&["dead-letters", "--store", &store, "show", "nobody"]).expect(1);
    assert_eq!(unknown.stderr, "nestling: no dead letter has the id nobody\n");
}

#[actix::test]
async fn in_groups() {
    let room = Room::new();
    let store = letters(&room, 3).await;
    let groups = run(&["dead-letters", "--store", &store, "groups", "--json"]).expect(0).json_lines();
    let mut counts: Vec<_> = groups
        .iter()
        .map(|group| (group["service"].as_str().unwrap(), group["count"].as_u64().unwrap()))
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [("ledger", 3), ("mail", 3)]);
    let table = run(&["dead-letters", "--store", &store, "groups", "--service", "mail"]).expect(0).stdout;
    let fingerprint =
        groups.iter().find(|group| group["service"] == "mail").unwrap()["fingerprint"].as_str().unwrap();
    assert!(table.contains(fingerprint) && table.lines().count() == 2, "{table}");
}
