//! `timeout`: the handler outlived its timeout, and its future was dropped.

use std::sync::Arc;

use nestling::prelude::*;

use crate::support::{MailDue, check, node, only};

#[actix::test]
async fn drops_the_handlers_future() {
    let node = node().start().await.unwrap();
    let alive = Arc::new(());
    let held = Arc::downgrade(&alive);
    let options = SubscribeOptions::new().name("mail").timeout(Duration::from_millis(30));
    let _mail = node.subscribe::<MailDue>(options, async move |_| {
        let _held = held.upgrade();
        std::future::pending().await
    });
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    check(&letter, Reason::Timeout, 1);
    assert_eq!(letter.error_message, "the handler did not finish within 30ms");
    let took = letter.failed_at.duration_since(letter.emitted_at).unwrap();
    assert!(took >= Duration::from_millis(29), "{took:?}");
    assert_eq!(Arc::strong_count(&alive), 1, "the future is gone, and what it held");
}
