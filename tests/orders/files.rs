//! Where nothing can be done, one clear line says why, and the exit status is 2.

use crate::shop::{Run, Shop};

#[track_caller]
fn assert_one_line(run: &Run, says: &[&str]) {
    run.expect(2);
    assert_eq!(run.stdout, "");
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    for part in says {
        assert!(run.stderr.contains(part), "no `{part}` in: {}", run.stderr);
    }
}

#[test]
fn a_file_that_is_missing() {
    let run = Shop::new().run(&["--purchases", "nowhere.csv"]);
    assert_one_line(&run, &["nowhere.csv", "No such file"]);
}

#[test]
fn a_folder_in_place_of_a_file() {
    assert_one_line(&Shop::new().run(&["--purchases", "."]), &["directory"]);
}

#[test]
fn a_file_without_a_column() {
    let shop = Shop::new();
    shop.write("three.csv", "customer_id,date,quantity\n1,1997-01-01,1\n");
    assert_one_line(
        &shop.run(&["--purchases", "three.csv"]),
        &["three.csv", "`dollars`", "customer_id, date, quantity"],
    );
}

#[test]
fn an_empty_file() {
    let shop = Shop::new();
    shop.write("empty.csv", "");
    assert_one_line(&shop.run(&["--purchases", "empty.csv"]), &["empty.csv", "empty"]);
}

#[test]
fn a_file_of_dead_letters_that_is_none() {
    let shop = Shop::new();
    shop.write("letters.db", "this is no database, however long one reads it, and it never will be");
    assert_one_line(&shop.run(&["--dead-letters", "letters.db"]), &["letters.db"]);
}

#[test]
fn a_replay_of_a_file_that_is_missing() {
    let shop = Shop::new();
    assert_one_line(&shop.run(&["--replay"]), &["dead-letters.db"]);
    assert!(!shop.path("dead-letters.db").exists(), "a replay makes no file");
}
