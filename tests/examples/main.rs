//! Each small example runs to its end and says what it promises to show.

use std::path::PathBuf;
use std::process::Command;

/// Runs an example and returns what it printed.
fn run(name: &str) -> String {
    let path = binary(name);
    let hint =
        "`cargo test` builds it; `cargo test --test examples` alone does not: `cargo build --examples` does";
    let output = Command::new(&path).env("RUST_BACKTRACE", "0").output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}\n{hint}", path.display()));
    let (printed, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`{name}` ended with {}:\n{printed}\n{errors}", output.status);
    printed.into_owned()
}

/// Examples lie beside the folder of the test binaries.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("cargo puts it two folders deep");
    profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Asserts that the lines are there, in this order, whatever stands between them. Runs of blanks are one.
fn assert_prints(name: &str, lines: &[&str]) {
    let printed = run(name);
    let squeezed: Vec<String> =
        printed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let mut rest = squeezed.iter();
    for line in lines {
        assert!(
            rest.any(|printed| printed == line),
            "`{name}` does not print `{line}` in its place:\n{printed}"
        );
    }
}

#[test]
fn request_response() {
    assert_prints(
        "request_response",
        &[
            "12 cd in stock 40, enough: true",
            "12 lp in stock 3, enough: false",
            "8-track the service says: there is no `8-track`",
            "41 cd in stock 40, enough: false (by `Addr::send`)",
            "2 lp {\"enough\":true,\"in_stock\":3} (by `send_json`)",
        ],
    );
}

#[test]
fn fire_and_forget() {
    assert_prints(
        "fire_and_forget",
        &[
            "emitted 4 orders; nobody has handled one yet",
            "notifications order 1 e-mail sent at attempt 1",
            "notifications order 2 e-mail sent at attempt 2",
            "notifications order 3 e-mail sent at attempt 1",
            "delivered 12",
            "handled 12",
            "tried again 2",
            "dead letters 0",
        ],
    );
}

#[test]
fn hybrid() {
    assert_prints(
        "hybrid",
        &[
            "order 1 stands: 6 pieces",
            "not ordered order 2 was taken back: only 4 left",
            "order 3 stands: 4 pieces",
            "dead letters 2 notifications, and no order the worse",
        ],
    );
}

#[test]
fn supervision() {
    assert_prints(
        "supervision",
        &[
            "instance 1 started",
            "instance 1 reads 19 degrees",
            "instance 2 started",
            "instance 2 reads 21 degrees",
            "instance 2 reads 22 degrees",
            "ledger 4 = 3 handled + 1 dead",
        ],
    );
    assert_prints(
        "supervision",
        &[
            "dead letter panic of -300: -300 degrees cannot be",
            "address still connected: true",
            "address answered by instance 2",
        ],
    );
}

#[test]
fn dead_letters() {
    assert_prints(
        "dead_letters",
        &[
            "kept user.created {\"name\":\"ada\"} handler_error",
            "kept user.created {\"name\":\"carol\"} handler_error",
            "group 3 times in `welcome`: the mail server refuses connections",
            "welcome ada",
            "welcome carol",
            "replayed 3 handled, 0 failed again",
            "resolved 3",
        ],
    );
}

#[test]
fn wildcards() {
    assert_prints(
        "wildcards",
        &["order.* order.created {\"order_id\":1}", "order.* order.shipped {\"order_id\":1}"],
    );
    assert_prints(
        "wildcards",
        &[
            "> order.created {\"order_id\":1}",
            "> order.line.added {\"order_id\":1,\"product\":\"lp\"}",
            "> user.created {\"name\":\"ada\"}",
            "> order.shipped {\"order_id\":1}",
            "order.* handled 2",
            "> handled 4",
        ],
    );
}
