//! On the sample, with stock for all of it, every total is exact, and the run leaves nothing but a report.

use crate::shop::Shop;

#[test]
fn the_totals_of_the_sample_are_exact() {
    let run = Shop::new().run(&["--stock", "16479"]);
    run.expect(0);
    assert_eq!(run.value("purchases read"), "6,919");
    assert_eq!(run.value("customers"), "2,357");
    assert_eq!(run.value("orders accepted"), "6,919");
    assert_eq!(run.value("orders rejected"), "0");
    assert_eq!(run.value("CDs"), "16,479");
    assert_eq!(run.value("revenue"), "$244,091.94");
    assert_eq!(run.value("emitted"), "9,276");
    assert_eq!(run.value("order.created"), "6,919");
    assert_eq!(run.value("user.created"), "2,357");
    assert!(run.stdout.contains("The ledger balances"), "{}", run.stdout);
}

#[test]
fn failing_mails_touch_nobody_else() {
    let run = Shop::new().run(&["--stock", "16479"]);
    let dead = run.count("dead letters: handler_error") + run.count("dead letters: panic");
    assert_eq!(run.count("mails sent") + dead, 6919 + 2357);
    for service in ["users", "analytics", "audit"] {
        let row =
            run.stdout.lines().find(|line| line.trim().starts_with(service)).expect("a row of the table");
        let [_, _, delivered, handled, retried, dead, waiting] =
            row.split_whitespace().collect::<Vec<_>>().try_into().expect("seven columns");
        assert_eq!((delivered, retried, dead, waiting), (handled, "0", "0", "0"), "{row}");
    }
}

#[test]
fn without_a_terminal_nothing_but_text_is_written() {
    let run = Shop::new().run(&[]);
    run.expect(0);
    assert_eq!(run.stderr, "");
    assert!(!run.stdout.contains(['\r', '\x1b']), "{:?}", run.stdout);
}
