//! A replay whose handler fails again is back as new, with its count raised and the new failure; the retries of its
//! subscription are made for it too.

use nestling::prelude::*;
use nestling::{ReplayOptions, Replayed};

use crate::support::{Mail, MailDue, idle, node, only};

#[actix::test]
async fn it_is_new_again_and_counted() {
    let mail = Mail::broken();
    let node = node().service(mail.clone()).start().await.unwrap();
    node.client().emit(MailDue { n: 7 });
    let first = only(&node).await;
    for count in 1..=3 {
        assert_eq!(node.dead_letters().replay(&first.id).await, Ok(Replayed::Failed));
        let again = only(&node).await;
        assert_eq!((again.status, again.replay_count), (Status::New, count));
        assert_eq!((&again.id, &again.event_id), (&first.id, &first.event_id));
        assert!(again.first_failed_at == first.first_failed_at && again.failed_at >= first.failed_at);
    }
    let report = node.dead_letters().replay_matching(Filter::new(), ReplayOptions::new()).await;
    assert_eq!((report.handled, report.failed, report.error), (0, 1, None), "each has one turn");
    mail.repair();
    assert_eq!(node.dead_letters().replay(&first.id).await, Ok(Replayed::Handled));
    assert_eq!(only(&node).await.replay_count, 5);
    assert!(node.stats().balances());
}

#[actix::test]
async fn with_its_retries() {
    let node = node().start().await.unwrap();
    let options = SubscribeOptions::new().name("mail").retry(Retry::immediate(2));
    let mail = node.subscribe::<MailDue>(options, async |_| Err(EventError::msg("never")));
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(Replayed::Failed));
    idle(&node).await;
    assert_eq!(only(&node).await.attempts, 3);
    assert_eq!(mail.stats().retried, 4);
}
