//! `no_subscriber`: nobody subscribes to the event, and the node is so configured. Its replay goes to all who
//! subscribe by then.

use std::sync::{Arc, Mutex};

use nestling::prelude::*;
use nestling::{ReplayError, Replayed};

use crate::support::{MailDue, check, node, only, until};

#[actix::test]
async fn is_replayed_to_all_who_subscribe_by_then() {
    let node = node().dead_letter_unsubscribed(true).start().await.unwrap();
    node.client().emit(MailDue { n: 7 });
    let letter = only(&node).await;
    check(&letter, Reason::NoSubscriber, 0);
    assert_eq!((letter.service.as_str(), letter.subscription.as_str()), ("", ""));
    assert_eq!(letter.payload.get(), r#"{"n":7}"#);

    let refused = node.dead_letters().replay(&letter.id).await;
    assert!(
        matches!(&refused, Err(ReplayError::NotTaken { problem, .. }) if problem.contains("no service")),
        "{refused:?}"
    );
    assert_eq!(only(&node).await.status, Status::New);

    let seen: Arc<Mutex<Vec<(String, u32)>>> = Arc::default();
    let mut subscriptions = Vec::new();
    for name in ["a", "b"] {
        let seen = Arc::clone(&seen);
        let options = SubscribeOptions::new().name(name);
        subscriptions.push(node.subscribe::<MailDue>(options, async move |mail: Delivery<MailDue>| {
            seen.lock().unwrap().push((format!("{name} {}", mail.id()), mail.n));
            Ok(())
        }));
    }
    assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    until("both have it", || seen.lock().unwrap().len() == 2).await;
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen, [(format!("a {}", letter.event_id), 7), (format!("b {}", letter.event_id), 7)]);
}
