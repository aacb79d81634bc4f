//! A replay that meets a full lane waits for room: it neither fails nor pushes another event out.

use nestling::Replayed;
use nestling::prelude::*;

use crate::support::{Mail, MailDue, letters, node, only, until};

#[actix::test]
async fn and_loses_nothing() {
    let mail = Mail::broken();
    let node = node().service(mail.clone()).start().await.unwrap();
    node.client().emit(MailDue { n: 0 });
    let letter = only(&node).await;
    mail.repair();
    mail.gate.close();
    node.client().emit(MailDue { n: 1 });
    until("one is in hand", || node.stats().total().in_flight == 1).await;
    for n in 2..6 {
        node.client().emit(MailDue { n });
    }
    until("the lane is full", || node.stats().total().queued == 4).await;
    let dead_letters = node.dead_letters();
    let replay = tokio::task::spawn_local({
        let (dead_letters, id) = (dead_letters.clone(), letter.id.clone());
        async move { dead_letters.replay(&id).await }
    });
    while dead_letters.get(&letter.id).await.unwrap().unwrap().status != Status::Replaying {
        tokio::task::yield_now().await;
    }
    assert!(!replay.is_finished());
    mail.gate.open(6);
    assert_eq!(replay.await.unwrap(), Ok(Replayed::Handled));
    assert_eq!(mail.sent(), [1, 2, 3, 4, 5, 0]);
    assert_eq!(letters(&node, Filter::new().status(Status::New)).await.len(), 0);
}
