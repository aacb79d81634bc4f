//! A subscription made at run time is found by its name: the one that stands, not the one that was taken away.

use std::sync::{Arc, Mutex};

use nestling::prelude::*;
use nestling::{ReplayError, Replayed};

use crate::support::{Gate, MailDue, node, only, until};

#[actix::test]
async fn by_its_name() {
    let node = node().start().await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    let options = || SubscribeOptions::new().name("mail");
    let first = node.subscribe::<MailDue>(options(), async move |mail: Delivery<MailDue>| {
        if mail.n == 0 {
            return Err(EventError::msg("broken"));
        }
        held.pass().await;
        Ok(())
    });
    node.client().emit(MailDue { n: 0 });
    let letter = only(&node).await;
    node.client().emit(MailDue { n: 1 });
    until("the first has one in hand", || first.stats().in_flight == 1).await;

    drop(first);
    let refused = node.dead_letters().replay(&letter.id).await;
    assert!(matches!(refused, Err(ReplayError::NotTaken { .. })), "{refused:?}");

    // It still finishes what it has in hand, while its successor takes over.
    let seen: Arc<Mutex<Vec<u32>>> = Arc::default();
    let log = Arc::clone(&seen);
    let _second = node.subscribe::<MailDue>(options(), async move |mail: Delivery<MailDue>| {
        log.lock().unwrap().push(mail.n);
        Ok(())
    });
    assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    assert_eq!(*seen.lock().unwrap(), [0]);
    gate.open(1);
}
