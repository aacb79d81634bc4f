//! `run_until_signal` drains on SIGTERM and on SIGINT and returns the report.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("work.came")]
struct WorkCame;

#[derive(Service)]
#[service("worker", events(WorkCame))]
struct Worker;
impl Handler<WorkCame> for Worker {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: WorkCame, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok(())
        })
    }
}

const CHILD: &str = "NESTLING_TEST_SIGNAL_CHILD";

/// The program that is sent the signal: this test, run by itself.
#[test]
fn the_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let report = actix::System::new().block_on(async {
        let node = Node::builder("child").service(Worker).start().await.unwrap();
        let client = node.client();
        let running = actix::spawn(node.run_until_signal());
        // The signal handlers are in place when the task has been polled.
        tokio::task::yield_now().await;
        client.emit(WorkCame);
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "\nready").unwrap();
        stdout.flush().unwrap();
        drop(stdout);
        running.await.unwrap()
    });
    let total = report.stats.total();
    println!("\ndrained={} handled={}", report.drained, total.handled);
}

fn sent(signal: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_signal_ends_it::the_child", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line.trim() != "ready" {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child ended before it was ready");
    }
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
    assert!(rest.contains("drained=true handled=1"), "{rest}");
}

#[test]
fn sigterm() {
    sent("-TERM");
}

#[test]
fn sigint() {
    sent("-INT");
}
