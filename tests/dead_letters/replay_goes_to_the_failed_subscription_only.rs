//! A replay goes to the subscription that failed and to no other, and keeps the event's id.

use std::sync::{Arc, Mutex};

use nestling::Replayed;
use nestling::prelude::*;

use crate::support::{Mail, MailDue, idle, node, only};

#[actix::test]
async fn with_the_events_id() {
    let mail = Mail::broken();
    let node = node().service(mail.clone()).start().await.unwrap();
    let seen: Arc<Mutex<Vec<Id>>> = Arc::default();
    let log = Arc::clone(&seen);
    let _neighbour =
        node.subscribe::<MailDue>(SubscribeOptions::new().name("neighbour"), async move |mail| {
            log.lock().unwrap().push(mail.id().clone());
            Ok(())
        });
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    mail.repair();
    assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    idle(&node).await;

    assert_eq!(mail.sent(), [7]);
    assert_eq!(*seen.lock().unwrap(), std::slice::from_ref(&letter.event_id), "the neighbour saw it once");
    let resolved = only(&node).await;
    assert_eq!((resolved.status, resolved.replay_count), (Status::Resolved, 1));
    let ledger = node.stats().subscription("mail", "mail.due").unwrap();
    assert_eq!(
        (ledger.delivered, ledger.handled, ledger.dead_lettered),
        (2, 1, 1),
        "a replay is a new delivery"
    );
    assert!(node.dead_letters().replay(&letter.id).await.is_err(), "what is resolved is not replayed again");
    assert_eq!(mail.sent(), [7]);
}

/// Two subscriptions of one service to one event.
struct Twice(Arc<Mutex<Vec<&'static str>>>);
impl Actor for Twice {
    type Context = Context<Self>;
}
impl Supervised for Twice {}
impl Service for Twice {
    const NAME: &'static str = "twice";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<MailDue>().matching("mail.*");
    }
}
impl Handler<MailDue> for Twice {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: MailDue, _: &mut Context<Self>) -> Self::Result {
        self.0.lock().unwrap().push("typed");
        Ok(())
    }
}
impl Handler<AnyEvent> for Twice {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        let mut seen = self.0.lock().unwrap();
        seen.push("any");
        let again = seen.iter().filter(|it| **it == "any").count() > 1;
        assert_eq!(event.payload()?, serde_json::json!({ "n": 7 }));
        if again { Ok(()) } else { Err(EventError::msg("not yet")) }
    }
}

#[actix::test]
async fn of_two_in_one_service_to_the_one_that_failed() {
    let seen: Arc<Mutex<Vec<_>>> = Arc::default();
    let node = node().service(Twice(Arc::clone(&seen))).start().await.unwrap();
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    assert_eq!(letter.subscription, "mail.*");
    assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    assert_eq!(*seen.lock().unwrap(), ["typed", "any", "any"]);
}
