//! `panic`: the handler panicked, and the record says where.

use nestling::prelude::*;

use crate::support::{MailDue, check, node, only};

#[actix::test]
async fn says_where() {
    let node = node().start().await.unwrap();
    let options = SubscribeOptions::new().name("mail").retry(Retry::immediate(1));
    let _mail = node.subscribe::<MailDue>(options, async |mail: Delivery<MailDue>| {
        tokio::task::yield_now().await;
        panic!("no paper for mail {}", mail.n)
    });
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    check(&letter, Reason::Panic, 2);
    assert_eq!((letter.error_type.as_str(), letter.error_message.as_str()), ("panic", "no paper for mail 7"));
    let location = letter.panic_location.unwrap();
    assert!(location.contains("reason_panic.rs:"), "{location}");
    assert_eq!(letter.service, "mail");
}
