//! Each `--help` has examples, says what the exit statuses are, and is plain text in a pipe.

use crate::support::run;

#[test]
fn every_command() {
    for command in [&[][..], &["send"], &["emit"], &["tap"], &["bench"], &["dead-letters"]] {
        let args: Vec<_> = command.iter().chain(&["--help"]).copied().collect();
        let help = run(&args).expect(0);
        assert!(
            help.stdout.contains("Examples:\n  ") && help.stdout.contains("Usage: nestling"),
            "{}",
            help.stdout
        );
        assert!(!help.stdout.contains('\u{1b}'), "no colours in a pipe");
    }
    assert!(run(&["--help"]).stdout.contains("Exit status:\n  0  done"));
    let help = run(&["dead-letters", "--help"]).stdout;
    assert!(help.contains("Replays are the node's own business"), "{help}");
}

#[test]
fn no_command_is_a_request_for_help() {
    let help = run(&[]).expect(2);
    assert!(help.stderr.contains("Examples:"), "{}", help.stderr);
}

#[test]
fn its_version() {
    assert_eq!(run(&["--version"]).expect(0).stdout, format!("nestling {}\n", env!("CARGO_PKG_VERSION")));
}
