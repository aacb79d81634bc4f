//! Whoever reads stdout may stop reading, as `head` does.

use std::io::{BufRead, BufReader};
use std::process::{ChildStdout, Stdio};

use crate::support::{Room, Run, command, many_letters};

/// Runs the tool, and stops reading when `read` returns.
fn read_by(args: &[&str], read: impl FnOnce(ChildStdout)) -> Run {
    let mut child =
        command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool runs");
    read(child.stdout.take().expect("a pipe"));
    child.wait_with_output().expect("the tool ends").into()
}

#[actix::test]
async fn a_list_that_is_longer_than_a_pipe() {
    let room = Room::new();
    let store = many_letters(&room, 400).await;
    for args in [
        &["dead-letters", "--store", &store, "list", "--json", "--limit", "1000"][..],
        &["dead-letters", "--store", &store, "export", "-"],
    ] {
        let run = read_by(args, |stdout| {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).expect("a line");
            assert!(line.starts_with('{'), "{line}");
        });
        assert_eq!(run.expect(0).stderr, "", "{args:?}");
    }
}

#[test]
fn help_that_nobody_reads() {
    assert_eq!(read_by(&["--help"], drop).expect(0).stderr, "");
}
