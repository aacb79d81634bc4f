//! Of many replays of one letter at the same time one has it, and its handler runs once.

use nestling::prelude::*;
use nestling::{ReplayError, ReplayOptions, Replayed};

use crate::support::{Gate, Mail, MailDue, idle, letters, node, only, until};

#[actix::test]
async fn one_has_the_letter() {
    let mail = Mail::broken();
    let node = node().service(mail.clone()).start().await.unwrap();
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    mail.repair();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (dead_letters, id) = (node.dead_letters(), letter.id.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(dead_letters.replay(&id))
            })
        })
        .collect();
    until("all have their answer", || threads.iter().all(std::thread::JoinHandle::is_finished)).await;
    let results: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    let handled = results.iter().filter(|it| **it == Ok(Replayed::Handled)).count();
    let refused = results.iter().filter(|it| matches!(it, Err(ReplayError::NotNew { .. }))).count();
    assert_eq!((handled, refused), (1, 7), "{results:?}");
    assert_eq!(mail.sent(), [7]);
}

#[actix::test]
async fn two_replays_of_all_run_none_twice() {
    let mail = Mail::broken();
    let node = node().service(mail.clone()).start().await.unwrap();
    for n in 0..40 {
        node.client().emit(MailDue { n });
        idle(&node).await;
    }
    mail.repair();
    let options = ReplayOptions::new().at_once(4);
    let dead_letters = node.dead_letters();
    let (one, other) = tokio::join!(
        dead_letters.replay_matching(Filter::new(), options),
        dead_letters.replay_matching(Filter::new(), options),
    );
    assert_eq!(one.handled + other.handled, 40, "{one:?} {other:?}");
    let mut sent = mail.sent();
    sent.sort_unstable();
    assert_eq!(sent, (0..40).collect::<Vec<_>>());
    assert_eq!(letters(&node, Filter::new().status(Status::Resolved)).await.len(), 40);
}

#[actix::test]
async fn one_under_way_is_neither_replayed_nor_discarded() {
    let mail = Mail { gate: Gate::open_wide(), ..Mail::broken() };
    let node = node().service(mail.clone()).start().await.unwrap();
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    mail.repair();
    mail.gate.close();
    let dead_letters = node.dead_letters();
    let under_way = tokio::task::spawn_local({
        let (dead_letters, id) = (dead_letters.clone(), letter.id.clone());
        async move { dead_letters.replay(&id).await }
    });
    until("it is in the handler's hands", || node.stats().total().in_flight == 1).await;
    let replaying = Err(ReplayError::NotNew { id: letter.id.clone(), status: Status::Replaying });
    assert_eq!(dead_letters.replay(&letter.id).await, replaying.clone());
    assert_eq!(dead_letters.discard(&letter.id).await.map(|()| Replayed::Handled), replaying);
    mail.gate.open(1);
    assert_eq!(under_way.await.unwrap(), Ok(Replayed::Handled));
    assert_eq!(mail.sent(), [7]);
}
