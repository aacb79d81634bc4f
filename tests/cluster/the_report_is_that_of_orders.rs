//! Whoever is killed half-way, what the shop has sold is what it sells in one process, to the cent, and every event had
//! its effect once or is a dead letter.

use std::path::Path;

use crate::examples::run;

/// So many purchases of the sample make it quick.
const PURCHASES: usize = 1_500;

fn purchases(folder: &Path) {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/orders/data/cdnow-sample.csv");
    let sample = std::fs::read_to_string(sample).expect("the sample is there");
    let some: Vec<_> = sample.lines().take(PURCHASES + 1).collect();
    std::fs::write(folder.join("purchases.csv"), some.join("\n")).expect("the folder takes a file");
}

/// What both reports say of the shop: all before the numbers of the events.
fn shop(report: &str) -> Vec<&str> {
    report.lines().take_while(|line| line.trim() != "events").collect()
}

fn killed(victim: &str) {
    let folder = tempfile::tempdir().expect("a folder for the run");
    purchases(folder.path());
    let args = ["--purchases", "purchases.csv", "--stock", "16479"];
    let alone = run("orders", &args, folder.path());
    let cluster = run("cluster", &[&args[..], &["--kill", victim]].concat(), folder.path());
    let text = |bytes| String::from_utf8(bytes).expect("the example writes UTF-8");
    let (alone, said, complained) = (text(alone.stdout), text(cluster.stdout), text(cluster.stderr));
    assert_eq!(cluster.status.code(), Some(0), "{said}{complained}");
    assert_eq!(shop(&said), shop(&alone), "{said}{complained}");
    assert!(shop(&said).iter().any(|line| line.contains("revenue")), "{said}");
    assert!(said.contains("The ledger balances"), "{said}");
    let told = format!("The process of {victim} was killed half-way, and started again.");
    assert_eq!(said.contains(&told), victim != "nobody", "{said}");
}

#[test]
fn nobody_is_killed() {
    killed("nobody");
}

#[test]
fn who_adds_up_is_killed() {
    killed("analytics");
}

#[test]
fn who_counts_is_killed() {
    killed("audit");
}

#[test]
fn who_sends_mails_is_killed() {
    killed("notifications");
}
