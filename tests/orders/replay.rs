//! `--replay` repairs the gateway and resolves every dead letter of the file.

use crate::shop::{Run, Shop};

#[test]
fn a_replay_resolves_them_all() {
    let shop = Shop::new();
    let run = shop.run(&["--dead-letters", "letters.db"]);
    let dead = run.count("dead letters: handler_error") + run.count("dead letters: panic");
    assert!(dead > 100, "{}", run.stdout);
    assert!(run.stdout.contains("--replay --dead-letters letters.db"), "{}", run.stdout);

    let replay = shop.run(&["--replay", "--dead-letters", "letters.db"]);
    replay.expect(0);
    assert_eq!(replay.count("dead letters"), dead);
    assert_eq!(replay.count("resolved"), dead);
    assert_eq!(replay.count("failed again"), 0);
    assert_eq!(replay.count("left"), 0);
    assert_eq!(replay.count("mails sent"), dead);
    assert!(replay.stdout.contains("550 no such mailbox"), "{}", replay.stdout);

    let again = shop.run(&["--replay", "--dead-letters", "letters.db"]);
    again.expect(0);
    assert_eq!(again.count("dead letters"), 0);
}

#[test]
fn a_second_run_adds_its_own_to_the_same_file() {
    let shop = Shop::new();
    let dead = |run: &Run| run.count("dead letters: handler_error") + run.count("dead letters: panic");
    // With stock for all, so that both runs notify of the same orders.
    let args = ["--stock", "16479"];
    let (first, second) = (shop.run(&args), shop.run(&args));
    second.expect(0);
    assert_eq!(dead(&first), dead(&second), "the gateway fails for the same addresses");
    let replay = shop.run(&["--replay"]);
    assert_eq!(replay.count("resolved"), dead(&first) + dead(&second));
}
