//! A process that is killed at any moment has each effect in its file exactly once: its transactions commit with the
//! record that their event has been handled, and the next process finds that.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use nestling::ReplayOptions;
use nestling::prelude::*;

use crate::support::{Paid, Scratch, effects, handled, idle, pay};

const FILE: &str = "NESTLING_TEST_HANDLED_FILE";
const EVENTS: u64 = 400;
const KILLS: u32 = 12;

async fn start(file: &Path, ledger: Ledger) -> Node {
    let letters = SqliteStore::open(file).unwrap();
    let builder = Node::builder("shop").dead_letters(letters).handled(handled(file));
    builder.service(ledger).start().await.unwrap()
}

/// Pays, or fails.
struct Ledger {
    pays: bool,
}

impl Actor for Ledger {
    type Context = Context<Self>;
}
impl Supervised for Ledger {}
impl Service for Ledger {
    const NAME: &'static str = "ledger";
    fn patterns(patterns: &mut Patterns<Self>) {
        // What fails waits for its replay: no reason to restart, and so to wait.
        patterns.restart_on(RestartOn::Panic).event::<Delivery<Paid>>().concurrency(8);
    }
}
impl Handler<Delivery<Paid>> for Ledger {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, paid: Delivery<Paid>, _: &mut Context<Self>) -> Self::Result {
        let Self { pays } = *self;
        Box::pin(async move {
            if !pays {
                return Err(EventError::msg("not yet"));
            }
            let n = paid.n;
            let said = match paid.transaction(move |tx| pay(tx, n)).await? {
                Some(()) => "committed",
                None => "suppressed",
            };
            writeln!(std::io::stdout(), "{said}")?;
            Ok(())
        })
    }
}

/// Makes dead letters of all events: what has not been handled yet.
async fn fill(file: &Path) {
    let node = start(file, Ledger { pays: false }).await;
    for n in 0..EVENTS {
        node.client().emit(Paid { n });
    }
    idle(&node, EVENTS).await;
    node.shutdown(Duration::from_secs(5)).await;
}

/// Runs in the child: replays all that is new, until it is killed or has done.
async fn child(file: &Path) {
    let node = start(file, Ledger { pays: true }).await;
    let report = node.dead_letters().replay_matching(Filter::new(), ReplayOptions::new().at_once(8)).await;
    assert_eq!((report.failed, report.error), (0, None));
    node.shutdown(Duration::from_secs(5)).await;
    let mut out = std::io::stdout();
    writeln!(out, "done").unwrap();
}

/// What a child has said.
#[derive(Debug, Default)]
struct Said {
    suppressed: u64,
    done: bool,
}

/// Runs this test in a child, and kills it after it has said this many lines.
fn run(file: &Path, kill_after: Option<usize>) -> Said {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_process_commits_once::wherever_it_is_killed", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Said::default();
    for (line, text) in BufReader::new(child.stdout.take().unwrap()).lines().enumerate() {
        match text.unwrap().as_str() {
            "suppressed" => said.suppressed += 1,
            "done" => said.done = true,
            _ => {}
        }
        if Some(line) == kill_after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    said
}

#[actix::test]
async fn wherever_it_is_killed() {
    if let Some(file) = std::env::var_os(FILE) {
        return child(file.as_ref()).await;
    }
    let scratch = Scratch::new();
    let file = scratch.file();
    fill(&file).await;
    let mut suppressed = 0;
    for _ in 0..KILLS {
        let said = run(&file, Some(5 + fastrand::usize(..20)));
        suppressed += said.suppressed;
    }
    let last = run(&file, None);
    assert!(last.done, "{last:?}");
    suppressed += last.suppressed;
    assert_eq!(effects(&file), (0..EVENTS).collect::<Vec<_>>());
    // Or no kill has come between a commit and the end of its replay, and nothing has been tested.
    assert!(suppressed > 0);
    let node = start(&file, Ledger { pays: false }).await;
    let left = node.dead_letters().list(Filter::new().status(Status::New)).await.unwrap().letters;
    assert!(left.is_empty(), "{left:?}");
}
