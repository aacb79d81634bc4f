//! `timeout`: the handler outlived its timeout, and its future was dropped.

use std::sync::Arc;

use nestling::prelude::*;

use crate::support::{MailDue, check, node, only, until};

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

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("mail.sorted")]
struct Sorted;

struct Pausing;
impl Actor for Pausing {
    type Context = Context<Self>;
}
impl Supervised for Pausing {}
impl Service for Pausing {
    const NAME: &'static str = "pausing";
    fn patterns(patterns: &mut Patterns<Self>) {
        let limit = Duration::from_millis(40);
        patterns.event::<Sorted>().timeout(limit).event::<MailDue>().timeout(limit);
    }
}
impl Handler<Sorted> for Pausing {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: Sorted, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            Ok(())
        })
    }
}
impl Handler<MailDue> for Pausing {
    type Result = AtomicResponse<Self, Result<(), EventError>>;
    fn handle(&mut self, _: MailDue, _: &mut Context<Self>) -> Self::Result {
        AtomicResponse::new(Box::pin(std::future::pending().into_actor(self)))
    }
}

/// The timeout of the event before, which was handled in time, passes while the actor is paused.
#[actix::test]
async fn ends_a_response_that_pauses_its_actor() {
    let node = node().service(Pausing).start().await.unwrap();
    node.client().emit(Sorted);
    node.client().emit(MailDue { n: 7 });
    until("it is cut off", || node.stats().total().dead_lettered == 1).await;
    check(&only(&node).await, Reason::Timeout, 1);
    node.client().emit(Sorted);
    until("the next is handled", || node.stats().total().handled == 2).await;
}
