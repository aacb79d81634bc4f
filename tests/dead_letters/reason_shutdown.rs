//! `shutdown`: the node shut down before the event was handled: while it was queued, in a handler's hands, or waiting
//! for its retry. The next node on the same file can replay them.

use nestling::prelude::*;

use crate::support::{Gate, Mail, MailDue, check, idle, letters, node, until};

#[actix::test]
async fn in_hand_and_queued_and_replayed_by_the_next_node() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("letters.db");
    let mail = Mail { gate: Gate::closed(), ..Mail::broken() };
    mail.repair();
    let first =
        node().service(mail.clone()).dead_letters(SqliteStore::open(&file).unwrap()).start().await.unwrap();
    for n in 0..3 {
        first.client().emit(MailDue { n });
    }
    until("one is in hand", || first.stats().total().in_flight == 1 && first.stats().total().queued == 2)
        .await;
    let report = first.shutdown(Duration::from_millis(20)).await;
    assert!(!report.drained && report.stats.balances(), "{report:?}");
    assert_eq!((report.unfinished_events, report.stats.total().dead_lettered), (3, 3));
    assert_eq!(report.stats.dead_letters.written, 3);

    mail.gate.open(3);
    let second =
        node().service(mail.clone()).dead_letters(SqliteStore::open(&file).unwrap()).start().await.unwrap();
    let letters = letters(&second, Filter::new()).await;
    for letter in &letters {
        check(letter, Reason::Shutdown, 0);
        assert_eq!(letter.service, "mail");
    }
    let replayed = second.dead_letters().replay_matching(Filter::new(), nestling::ReplayOptions::new()).await;
    assert_eq!((replayed.handled, replayed.error), (3, None));
    let mut sent = mail.sent();
    sent.sort_unstable();
    assert_eq!(sent, [0, 1, 2]);
}

#[actix::test]
async fn waiting_for_its_retry() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("letters.db");
    let node = node().dead_letters(SqliteStore::open(&file).unwrap()).start().await.unwrap();
    let retry = Retry::exponential(1).first_delay(Duration::from_secs(600)).jitter(false);
    let options = SubscribeOptions::new().name("mail").retry(retry);
    let mail = node.subscribe::<MailDue>(options, async |_| Err(EventError::msg("not now")));
    node.client().emit(MailDue { n: 0 });
    until("it waits", || mail.stats().retried == 1).await;
    node.shutdown(Duration::from_millis(10)).await;
    let mut store = SqliteStore::open(&file).unwrap();
    let letter = nestling::DeadLetterStore::list(&mut store, &Filter::new()).unwrap().letters.remove(0);
    check(&letter, Reason::Shutdown, 1);
    assert_eq!(letter.attempt_log[0].error, "not now");
}

#[actix::test]
async fn emitted_afterwards_with_nowhere_to_go() {
    let node = node().start().await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    let _mail = node.subscribe::<MailDue>(SubscribeOptions::new().name("mail"), async move |_| {
        held.pass().await;
        Ok(())
    });
    node.client().emit(MailDue { n: 0 });
    until("it is in hand", || node.stats().total().in_flight == 1).await;
    let (client, dead_letters) = (node.client(), node.dead_letters());
    let mut stream = dead_letters.stream();
    let ending = tokio::task::spawn_local(node.shutdown(Duration::from_secs(10)));
    tokio::task::yield_now().await;
    // It drains, and takes nothing more from outside.
    client.emit(MailDue { n: 1 });
    let letter = futures::StreamExt::next(&mut stream).await.unwrap();
    check(&letter, Reason::Shutdown, 0);
    assert_eq!((letter.service.as_str(), letter.payload.get()), ("", r#"{"n":1}"#));
    gate.open(1);
    let report = ending.await.unwrap();
    assert!(report.drained, "{report:?}");
}

#[actix::test]
async fn nothing_of_it_when_it_drains_in_time() {
    let mail = Mail::broken();
    mail.repair();
    let node = node().service(mail.clone()).start().await.unwrap();
    for n in 0..4 {
        node.client().emit(MailDue { n });
    }
    idle(&node).await;
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.stats.dead_letters.recorded == 0, "{report:?}");
    assert_eq!(mail.sent(), [0, 1, 2, 3]);
}
