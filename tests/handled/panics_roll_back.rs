//! A closure that panics commits nothing, and its panic is the handler's: told with its place, and tried again. The store
//! goes on.

use nestling::prelude::*;

use crate::support::{Paid, Scratch, effects, handled, idle, ledger, only, pay};

#[actix::test]
async fn and_the_panic_is_the_handlers() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let _ledger = node.subscribe::<Paid>(ledger(), async |paid: Delivery<Paid>| {
        let n = paid.n;
        let paid = paid.transaction(move |tx| {
            pay(tx, n)?;
            assert_ne!(n, 7, "seven is too much");
            Ok(())
        });
        paid.await.map(drop)
    });
    node.client().emit(Paid { n: 7 });
    node.client().emit(Paid { n: 8 });
    idle(&node, 2).await;
    let letter = only(&node).await;
    assert_eq!(letter.reason, Reason::Panic);
    assert!(letter.error_message.contains("seven is too much"), "{}", letter.error_message);
    let location = letter.panic_location.unwrap();
    assert!(location.contains("panics_roll_back.rs"), "{location}");
    assert_eq!(effects(&scratch.file()), [8]);
}

#[actix::test]
async fn and_the_retry_commits() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let _ledger =
        node.subscribe::<Paid>(ledger().retry(Retry::immediate(1)), async |paid: Delivery<Paid>| {
            let (n, attempt) = (paid.n, paid.attempt());
            let paid = paid.transaction(move |tx| {
                pay(tx, n)?;
                assert_ne!(attempt, 1, "the first one");
                Ok(())
            });
            paid.await.map(drop)
        });
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    assert_eq!(node.stats().total().handled, 1);
    assert_eq!(effects(&scratch.file()), [7]);
}
