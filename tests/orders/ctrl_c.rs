//! Ctrl-C ends the reading; what is under way is finished, and the report is printed.

#![cfg(unix)]

use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::shop::{Run, Shop};

#[test]
fn what_is_under_way_is_finished_and_reported() {
    let shop = Shop::new();
    let fifo = shop.path("purchases");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs").success());
    let child = shop
        .command(&["--purchases", "purchases", "--in-flight", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example runs");

    // The shop can never come to the end of a pipe that goes on, so only the signal can end it.
    let mut pipe = OpenOptions::new().write(true).open(&fifo).expect("the example reads the pipe");
    writeln!(pipe, "customer_id,date,quantity,dollars").expect("the pipe is read");
    let mut customer = 0_u64;
    loop {
        customer += 1;
        // By then more is written than the pipe and the reader hold: the shop takes orders, and listens.
        if customer == 20_000 {
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
        }
        // The pipe breaks when the shop has stopped reading and has ended.
        if writeln!(pipe, "{customer},1997-01-01,1,1.00").is_err() {
            break;
        }
    }
    let run = Run::from(child.wait_with_output().expect("the example ends"));
    run.expect(0);
    assert!(run.stdout.contains("purchases (interrupted)"), "{}", run.stdout);
    assert_eq!(run.count("orders accepted") + run.count("orders rejected"), run.count("purchases read"));
    assert!(run.stdout.contains("The ledger balances"), "{}", run.stdout);
}
