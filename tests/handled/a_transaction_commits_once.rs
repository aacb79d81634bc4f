//! A transaction that has committed is not run again: not by a retry of its handler, and not by a replay of its event.

use std::cell::RefCell;
use std::rc::Rc;

use nestling::Replayed;
use nestling::prelude::*;

use crate::support::{Paid, Scratch, effects, handled, idle, ledger, only, pay};

type Seen = Rc<RefCell<Vec<Option<u64>>>>;

/// Commits, and then fails for as often as it is told to.
fn committing_then_failing(node: &Node, options: SubscribeOptions, failures: usize) -> (Seen, Subscription) {
    let seen = Seen::default();
    let subscription = node.subscribe::<Paid>(options, {
        let seen = Rc::clone(&seen);
        async move |paid: Delivery<Paid>| {
            let n = paid.n;
            let committed = paid.transaction(move |tx| pay(tx, n).map(|()| n)).await?;
            seen.borrow_mut().push(committed);
            if seen.borrow().len() <= failures { Err(EventError::msg("the mail is down")) } else { Ok(()) }
        }
    });
    (seen, subscription)
}

#[actix::test]
async fn through_retries() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let (seen, _ledger) = committing_then_failing(&node, ledger().retry(Retry::immediate(2)), 2);
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    assert_eq!(*seen.borrow(), [Some(7), None, None]);
    assert_eq!(node.stats().total().handled, 1);
    assert_eq!(effects(&scratch.file()), [7]);
}

#[actix::test]
async fn through_replays() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let (seen, _ledger) = committing_then_failing(&node, ledger(), 1);
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    let letter = only(&node).await;
    assert_eq!(node.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    assert_eq!(*seen.borrow(), [Some(7), None]);
    assert_eq!(effects(&scratch.file()), [7]);
}

#[actix::test]
async fn each_subscription_has_its_own() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let (one, _one) = committing_then_failing(&node, ledger(), 0);
    let (other, _other) = committing_then_failing(&node, SubscribeOptions::new().name("audit"), 0);
    node.client().emit(Paid { n: 7 });
    node.client().emit(Paid { n: 8 });
    idle(&node, 4).await;
    assert_eq!((&*one.borrow(), &*other.borrow()), (&vec![Some(7), Some(8)], &vec![Some(7), Some(8)]));
    assert_eq!(effects(&scratch.file()), [7, 7, 8, 8]);
}

/// Takes events of any pattern.
#[derive(Default)]
struct Audit;

impl Actor for Audit {
    type Context = Context<Self>;
}
impl Supervised for Audit {}
impl Service for Audit {
    const NAME: &'static str = "audit";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.matching("order.>").retry(Retry::immediate(1));
    }
}
impl Handler<AnyEvent> for Audit {
    type Result = AtomicResponse<Self, Result<(), EventError>>;
    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        let handled = async move {
            let Paid { n } = event.decode()?;
            event.transaction(move |tx| pay(tx, n)).await?;
            if event.attempt() == 1 { Err(EventError::msg("once more")) } else { Ok(()) }
        };
        AtomicResponse::new(Box::pin(handled.into_actor(self)))
    }
}

#[actix::test]
async fn also_of_events_of_any_pattern() {
    let scratch = Scratch::new();
    let builder = Node::builder("shop").service(Audit).handled(handled(&scratch.file()));
    let node = builder.start().await.unwrap();
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    assert_eq!(node.stats().total().handled, 1);
    assert_eq!(effects(&scratch.file()), [7]);
}
