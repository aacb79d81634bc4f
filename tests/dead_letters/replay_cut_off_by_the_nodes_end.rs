//! A replay that the node's end cuts off is neither lost nor resolved: its letter is new in the next node.

use nestling::Replayed;
use nestling::prelude::*;

use crate::support::{Mail, MailDue, idle, node, only, until};

#[actix::test]
async fn its_letter_is_new_in_the_next_node() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("letters.db");
    let mail = Mail::broken();
    let open = || SqliteStore::open(&file).unwrap();
    let first = node().service(mail.clone()).dead_letters(open()).start().await.unwrap();
    first.client().emit(MailDue { n: 7 });
    let letter = only(&first).await;
    mail.repair();
    mail.gate.close();
    let replay = tokio::task::spawn_local({
        let (dead_letters, id) = (first.dead_letters(), letter.id.clone());
        async move { dead_letters.replay(&id).await }
    });
    until("it is in the handler's hands", || first.stats().total().in_flight == 1).await;
    let report = first.shutdown(Duration::from_millis(20)).await;
    assert!(!report.drained && report.stats.balances(), "{report:?}");
    assert_eq!(replay.await.unwrap(), Ok(Replayed::Failed));

    mail.gate.open(10);
    let second = node().service(mail.clone()).dead_letters(open()).start().await.unwrap();
    let found = only(&second).await;
    assert_eq!((&found.id, found.status, found.replay_count), (&letter.id, Status::New, 1));
    assert_eq!(found.reason, Reason::Shutdown);
    assert_eq!(second.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    idle(&second).await;
    assert_eq!(mail.sent(), [7]);
}
