//! Nodes that share a file share their handled events, if they have the same name: they are instances of one application.

use std::sync::atomic::{AtomicUsize, Ordering};

use nestling::Replayed;
use nestling::prelude::*;

use crate::support::{Paid, Scratch, Shared, effects, handled, idle, ledger, only, pay};

/// Subscribes a ledger that commits, and fails after it the first time.
fn commit_and_fail(node: &Node, runs: &'static AtomicUsize, fails: bool) -> Subscription {
    node.subscribe::<Paid>(ledger(), async move |paid: Delivery<Paid>| {
        let n = paid.n;
        paid.transaction(move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            pay(tx, n)
        })
        .await?;
        if fails { Err(EventError::msg("the mail is down")) } else { Ok(()) }
    })
}

#[actix::test]
async fn an_event_that_one_has_committed_is_suppressed_in_the_other() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let (scratch, letters) = (Scratch::new(), Shared::new());
    let node = async |name: &str| {
        let builder = Node::builder(name).handled(handled(&scratch.file())).dead_letters(letters.clone());
        builder.start().await.unwrap()
    };
    let (one, other, stranger) = (node("shop").await, node("shop").await, node("blog").await);
    let _one = commit_and_fail(&one, &RUNS, true);
    let _other = commit_and_fail(&other, &RUNS, true);
    let _stranger = commit_and_fail(&stranger, &RUNS, false);
    one.client().emit(Paid { n: 7 });
    idle(&one, 1).await;
    let letter = only(&one).await;
    assert_eq!(effects(&scratch.file()), [7]);

    assert_eq!(other.dead_letters().replay(&letter.id).await, Ok(Replayed::Failed));
    assert_eq!((RUNS.load(Ordering::SeqCst), effects(&scratch.file())), (1, vec![7]));

    assert_eq!(stranger.dead_letters().replay(&letter.id).await, Ok(Replayed::Handled));
    assert_eq!((RUNS.load(Ordering::SeqCst), effects(&scratch.file())), (2, vec![7, 7]));
}

#[actix::test]
async fn they_wait_for_each_other() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let scratch = Scratch::new();
    let one = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let other = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let _one = commit_and_fail(&one, &RUNS, false);
    let _other = commit_and_fail(&other, &RUNS, false);
    for n in 0..100 {
        one.client().emit(Paid { n: 2 * n });
        other.client().emit(Paid { n: 2 * n + 1 });
    }
    idle(&one, 100).await;
    idle(&other, 100).await;
    assert_eq!(effects(&scratch.file()), (0..200).collect::<Vec<_>>());
    assert_eq!(one.stats().total().handled + other.stats().total().handled, 200);
}
