//! After a `SIGKILL` the SQLite store opens and holds every dead letter whose write was confirmed by
//! `dead_letters().flush()`; a replay that the kill cut off is new again, and all can be replayed by the next process.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use nestling::ReplayOptions;
use nestling::prelude::*;

use crate::support::{Mail, MailDue, idle, letters, node, until};

/// Tells the child where its file is.
const FILE: &str = "NESTLING_TEST_KILLED_NODE_FILE";

/// Fails on events and confirms their letters until it is killed, while a replay is under way.
async fn child(file: &Path) {
    let store = SqliteStore::open(file).unwrap();
    let node = node().service(Mail::broken()).dead_letters(store).start().await.unwrap();
    let stuck =
        node.subscribe::<MailDue>(SubscribeOptions::new().name("stuck"), async |mail: Delivery<MailDue>| {
            match (mail.n, mail.metadata().header("last words")) {
                (0, Some(_)) => Err(EventError::msg("no")),
                _ => Ok(()),
            }
        });
    node.client().header("last words", "none").emit(MailDue { n: 0 });
    idle(&node).await;
    drop(stuck);
    until("it has gone", || node.stats().service("stuck").is_none()).await;
    let stuck =
        node.subscribe::<MailDue>(SubscribeOptions::new().name("stuck"), async |mail: Delivery<MailDue>| {
            if mail.n == 0 { std::future::pending().await } else { Ok(()) }
        });
    let letter = letters(&node, Filter::new().service("stuck")).await.remove(0);
    let dead_letters = node.dead_letters();
    tokio::task::spawn_local(async move { dead_letters.replay(&letter.id).await.map(drop) });
    until("the replay is under way", || stuck.stats().in_flight == 1).await;
    confirm_until_killed(&node, &mut std::io::stdout()).await;
}

async fn confirm_until_killed(node: &Node, out: &mut std::io::Stdout) {
    for n in 1.. {
        node.client().emit(MailDue { n });
        until("it has failed", || {
            node.stats().subscription("mail", "mail.due").unwrap().dead_lettered > u64::from(n)
        })
        .await;
        node.dead_letters().flush().await.unwrap();
        writeln!(out, "confirmed {n}").unwrap();
    }
}

/// Runs this test in a child until it has confirmed `wanted` letters, and kills it in the middle of its work.
fn run_and_kill(file: &Path, wanted: usize) -> Vec<u32> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed_process_keeps_what_was_confirmed::and_can_be_replayed", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut confirmed: Vec<u32> = Vec::new();
    for line in lines {
        if let Some(n) = line.unwrap().strip_prefix("confirmed ") {
            confirmed.push(n.parse().unwrap());
        }
        if confirmed.len() == wanted {
            // `kill` is SIGKILL.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    confirmed
}

#[actix::test]
async fn and_can_be_replayed() {
    if let Some(file) = std::env::var_os(FILE) {
        return child(file.as_ref()).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("letters.db");
    let confirmed = run_and_kill(&file, 50);
    assert!(confirmed.len() >= 50, "{confirmed:?}");

    let mail = Mail::broken();
    mail.repair();
    let node =
        node().service(mail.clone()).dead_letters(SqliteStore::open(&file).unwrap()).start().await.unwrap();
    let _stuck = node.subscribe::<MailDue>(SubscribeOptions::new().name("stuck"), async |_| Ok(()));
    let found = letters(&node, Filter::new()).await;
    assert!(found.iter().all(|letter| letter.status == Status::New), "no claim outlives its process");
    for n in &confirmed {
        let payload = format!(r#"{{"n":{n}}}"#);
        assert_eq!(
            found.iter().filter(|it| it.service == "mail" && it.payload.get() == payload).count(),
            1,
            "{n}"
        );
    }
    assert_eq!(
        found.iter().filter(|it| it.service == "stuck").count(),
        1,
        "the one whose replay was cut off"
    );
    let report = node.dead_letters().replay_matching(Filter::new(), ReplayOptions::new()).await;
    assert_eq!((report.handled, report.error), (found.len() as u64, None));
}
