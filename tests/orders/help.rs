//! `--help` explains every flag, and a wrong one is refused with status 2.

use crate::shop::Shop;

#[test]
fn every_flag_is_explained() {
    let run = Shop::new().run(&["--help"]);
    run.expect(0);
    for flag in
        ["--purchases", "--stock", "--in-flight", "--dead-letters", "--replay", "--verbose", "Exit status"]
    {
        assert!(run.stdout.contains(flag), "no `{flag}` in:\n{}", run.stdout);
    }
}

#[test]
fn wrong_flags_are_refused() {
    for args in
        [&["--stock", "-1"][..], &["--in-flight", "0"], &["--stock", "many"], &["--replay", "--stock", "1"]]
    {
        let run = Shop::new().run(args);
        run.expect(2);
        assert_eq!(run.stdout, "");
    }
}
