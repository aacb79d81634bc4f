//! Handled events in a file outlive their process, for as long as they are kept and no longer.

use std::time::Duration;

use nestling::rusqlite::Connection;
use nestling::{HandledKey, HandledStore, Id, SqliteHandled};

use crate::support::Scratch;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn key(n: u32) -> HandledKey {
    HandledKey::new(Id::from(format!("order-{n}")), "shop", "ledger", "order.paid")
}

/// Makes everything in the file older.
fn age(scratch: &Scratch, time: Duration) {
    let connection = Connection::open(scratch.file()).unwrap();
    let millis = i64::try_from(time.as_millis()).unwrap();
    connection.execute("UPDATE nestling_handled SET at = at - ?1", [millis]).unwrap();
}

fn known(handled: &mut SqliteHandled, n: u32) -> bool {
    handled.contains(&key(n)).unwrap()
}

#[test]
fn after_seven_days() {
    let scratch = Scratch::new();
    let mut handled = SqliteHandled::open(scratch.file()).unwrap();
    handled.record(&[key(1), key(2), key(1)]).unwrap();
    drop(handled);

    age(&scratch, 6 * DAY);
    let mut handled = SqliteHandled::open(scratch.file()).unwrap();
    assert!(known(&mut handled, 1) && known(&mut handled, 2));
    handled.record(&[key(3)]).unwrap();
    drop(handled);

    age(&scratch, DAY);
    let mut handled = SqliteHandled::open(scratch.file()).unwrap();
    assert!(!known(&mut handled, 1) && !known(&mut handled, 2) && known(&mut handled, 3));
}

#[test]
fn or_when_the_application_says() {
    let scratch = Scratch::new();
    SqliteHandled::open(scratch.file()).unwrap().record(&[key(1)]).unwrap();
    age(&scratch, DAY);
    let mut handled = SqliteHandled::open(scratch.file()).unwrap().keep_for(DAY / 2);
    handled.record(&[key(2)]).unwrap();
    assert!(!known(&mut handled, 1) && known(&mut handled, 2));
    age(&scratch, 30 * DAY);
    let mut handled = SqliteHandled::open(scratch.file()).unwrap().keep_for(60 * DAY);
    assert!(known(&mut handled, 2));
}
