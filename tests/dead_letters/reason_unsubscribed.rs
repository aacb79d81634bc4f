//! `unsubscribed`: the subscription was taken away while the event was queued.

use nestling::prelude::*;

use crate::support::{Gate, MailDue, check, node, only, until};

#[actix::test]
async fn for_what_was_queued() {
    let node = node().start().await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    let mail = node.subscribe::<MailDue>(SubscribeOptions::new().name("mail"), async move |_| {
        held.pass().await;
        Ok(())
    });
    node.client().emit(MailDue { n: 0 });
    node.client().emit(MailDue { n: 1 });
    until("one is in hand, one is queued", || mail.stats().in_flight == 1 && mail.stats().queued == 1).await;
    drop(mail);
    until("it is a dead letter", || node.stats().total().dead_lettered == 1).await;
    gate.open(1);
    let letter = only(&node).await;
    check(&letter, Reason::Unsubscribed, 0);
    assert_eq!((letter.service.as_str(), letter.payload.get()), ("mail", r#"{"n":1}"#));
    assert_eq!(letter.error_message, "the subscription was taken away");
}
