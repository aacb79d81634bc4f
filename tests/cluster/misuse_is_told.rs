//! What cannot be done is said in a line that tells what to do, with exit status 2.

use crate::examples::run;

fn refused(args: &[&str], says: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let run = run("cluster", args, folder.path());
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    for says in says {
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn no_server_at_the_address() {
    refused(&["--nats", "nats://127.0.0.1:1", "--data", "data"], &["127.0.0.1:1", "node `shop`"]);
}

#[test]
fn a_folder_that_is_there_already() {
    refused(&["--data", "."], &[".: "]);
}

#[test]
fn a_file_that_is_missing() {
    refused(&["--purchases", "missing.csv"], &["missing.csv"]);
}

#[test]
fn a_role_alone() {
    refused(&["--role", "audit"], &["--nats", "--data"]);
}
