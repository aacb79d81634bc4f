//! `inbox_full`: the event found its lane full.

use nestling::prelude::*;

use crate::support::{Gate, MailDue, check, letters, node, until};

#[actix::test]
async fn names_the_bound() {
    let node = node().start().await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    let options = SubscribeOptions::new().name("mail").capacity(1);
    let mail = node.subscribe::<MailDue>(options, async move |_| {
        held.pass().await;
        Ok(())
    });
    node.client().emit(MailDue { n: 0 });
    until("one is in hand", || mail.stats().in_flight == 1).await;
    node.client().emit(MailDue { n: 1 });
    node.client().emit(MailDue { n: 2 });
    until("one is refused", || mail.stats().dead_lettered == 1).await;
    let letter = letters(&node, Filter::new()).await.remove(0);
    check(&letter, Reason::InboxFull, 0);
    assert_eq!((letter.service.as_str(), letter.payload.get()), ("mail", r#"{"n":2}"#));
    assert!(letter.error_message.contains('1'), "{}", letter.error_message);
    gate.open(2);
}
