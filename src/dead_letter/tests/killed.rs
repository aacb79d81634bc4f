//! A process that is killed: what was confirmed is in the file, and no claim outlives its process.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::*;
use super::support::{Node, error, event, local, room};
use crate::metadata::Id;

const FILE: &str = "NESTLING_TEST_KILLED_FILE";

/// Runs in the child: buries and confirms until it is killed.
fn child(path: &Path) {
    local(async {
        let (sink, letters) = room(SqliteStore::open(path).unwrap());
        Node::answering(|_| std::future::pending()).behind(&letters);
        let mut out = std::io::stdout();
        for n in 0.. {
            let events: Vec<_> = (0..7).map(|m| event("order.created", n * 7 + m)).collect();
            for event in &events {
                sink.bury(event, "mail", "mailed", error("no route"), None);
            }
            letters.flush().await.unwrap();
            for event in &events {
                writeln!(out, "confirmed {}", event.metadata().id()).unwrap();
            }
            if n == 0 {
                let mut claimed = letters.list(Filter::new()).await.unwrap().letters;
                let id = claimed.remove(0).id;
                tokio::task::spawn_local({
                    let letters = letters.clone();
                    async move { letters.replay(&id).await.map(drop) }
                });
                while letters.list(Filter::new().status(Status::Replaying)).await.unwrap().letters.is_empty()
                {
                }
            }
        }
    });
}

#[test]
fn what_was_confirmed_survives_a_kill() {
    if let Some(path) = std::env::var_os(FILE) {
        return child(path.as_ref());
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let confirmed = run_and_kill(&path, 500);
    assert!(confirmed.len() >= 500);

    let mut store = SqliteStore::open(&path).unwrap();
    for event in &confirmed {
        let found = store.list(&Filter::new().event_id(event.clone())).unwrap();
        assert_eq!(found.letters.len(), 1, "{event}");
        assert_eq!(found.letters[0].status, Status::New);
    }
}

/// Kills the child in the middle of its work, after it has confirmed that many letters.
fn run_and_kill(path: &Path, after: usize) -> Vec<Id> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "dead_letter::tests::killed::what_was_confirmed_survives_a_kill",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut confirmed = Vec::new();
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // A line that the kill has cut short is no confirmation.
        if let Some(id) = line.strip_prefix("confirmed ").filter(|id| id.len() == 36) {
            confirmed.push(Id::from(id));
        }
        if confirmed.len() >= after && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    assert!(killed, "the child ended by itself: {:?}", child.wait());
    assert!(!child.wait().unwrap().success());
    confirmed
}
