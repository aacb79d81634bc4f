//! One file holds dead letters, handled events and the application's own tables, whichever of the stores opens it first.

use nestling::prelude::*;
use nestling::rusqlite::Connection;
use nestling::{HandledError, HandledKey, HandledStore, StoreError};

use crate::support::{Paid, Scratch, effects, handled, idle, ledger, only, pay};

async fn works(builder: nestling::NodeBuilder, scratch: &Scratch) {
    let node = builder.start().await.unwrap();
    let _ledger = node.subscribe::<Paid>(ledger(), async |paid: Delivery<Paid>| {
        let n = paid.n;
        paid.transaction(move |tx| pay(tx, n)).await?;
        Err(EventError::msg("the mail is down"))
    });
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    assert_eq!(only(&node).await.reason, Reason::HandlerError);
    node.shutdown(Duration::from_secs(1)).await;
    assert_eq!(effects(&scratch.file()), [7]);
    let reader = nestling::SqliteReader::open(scratch.file()).unwrap();
    assert_eq!(reader.list(&Filter::new()).unwrap().letters.len(), 1);
}

#[actix::test]
async fn dead_letters_first() {
    let scratch = Scratch::new();
    let letters = SqliteStore::open(scratch.file()).unwrap();
    works(Node::builder("shop").dead_letters(letters).handled(handled(&scratch.file())), &scratch).await;
}

#[actix::test]
async fn handled_events_first_in_the_applications_file() {
    let scratch = Scratch::new();
    Connection::open(scratch.file()).unwrap().execute_batch("CREATE TABLE customers (id)").unwrap();
    // Dead letters alone touch no strange file.
    assert!(matches!(SqliteStore::open(scratch.file()), Err(StoreError::Foreign { .. })));
    let builder = Node::builder("shop").handled(handled(&scratch.file()));
    works(builder.dead_letters(SqliteStore::open(scratch.file()).unwrap()), &scratch).await;
}

#[test]
fn what_is_no_database_is_refused() {
    let scratch = Scratch::new();
    std::fs::write(scratch.file(), "a shopping list that is long enough to be taken for a page".repeat(100))
        .unwrap();
    let refused = SqliteHandled::open(scratch.file()).unwrap_err();
    assert!(refused.to_string().contains("no SQLite database"), "{refused}");
    let refused = SqliteHandled::open(scratch.file().join("nowhere/shop.db")).unwrap_err();
    assert!(matches!(refused, HandledError::Open { .. }), "{refused}");
}

#[test]
fn a_newer_schema_is_refused() {
    let scratch = Scratch::new();
    drop(handled(&scratch.file()));
    let connection = Connection::open(scratch.file()).unwrap();
    connection.execute("UPDATE nestling_schema SET version = 99", []).unwrap();
    let refused = SqliteHandled::open(scratch.file()).unwrap_err();
    assert!(matches!(refused, HandledError::NewerSchema { found: 99, .. }), "{refused}");
}

#[test]
fn an_open_file_is_readable_for_its_owner_only() {
    let scratch = Scratch::new();
    let mut handled = handled(&scratch.file());
    handled.record(&[HandledKey::new(Id::new(), "shop", "ledger", "order.paid")]).unwrap();
    #[cfg(unix)]
    for file in ["", "-wal", "-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let path = format!("{}{file}", scratch.file().display());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
}
