//! Whoever asks for a transaction where there is none is told what to do, once: no retry could mend it.

use std::cell::RefCell;
use std::rc::Rc;

use nestling::prelude::*;

use crate::support::{Paid, Scratch, effects, handled, idle, ledger, only, pay};

#[actix::test]
async fn a_node_without_the_table() {
    let node = Node::builder("shop").start().await.unwrap();
    let _ledger = node
        .subscribe::<Paid>(ledger().retry(Retry::immediate(5)), async |paid: Delivery<Paid>| {
            paid.transaction(|_| Ok(())).await.map(drop)
        });
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    let letter = only(&node).await;
    assert_eq!(letter.attempts, 1);
    for part in ["order.paid", ".handled(SqliteHandled::open("] {
        assert!(letter.error_message.contains(part), "{}", letter.error_message);
    }
}

#[actix::test]
async fn a_second_one_in_a_delivery() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let _ledger = node.subscribe::<Paid>(ledger(), async |paid: Delivery<Paid>| {
        let n = paid.n;
        // One that has failed may be begun again.
        let failed = paid.transaction::<(), _>(|_| Err(EventError::msg("not yet"))).await;
        assert_eq!(failed.unwrap_err().to_string(), "not yet");
        assert_eq!(paid.transaction(move |tx| pay(tx, n)).await?, Some(()));
        paid.transaction(move |tx| pay(tx, n + 1)).await.map(drop)
    });
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    let letter = only(&node).await;
    assert!(letter.error_message.contains("put all its effects into it"), "{}", letter.error_message);
    assert_eq!(effects(&scratch.file()), [7]);
}

#[actix::test]
async fn a_delivery_that_has_left_its_handler() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let kept = Rc::new(RefCell::new(None));
    let _ledger = node.subscribe::<Paid>(ledger(), {
        let kept = Rc::clone(&kept);
        async move |paid: Delivery<Paid>| {
            *kept.borrow_mut() = Some(paid);
            Ok(())
        }
    });
    // Another service is handed it, which must not pass for the one that it was delivered to.
    let _other = node.subscribe::<Paid>(SubscribeOptions::new().name("other"), {
        let kept = Rc::clone(&kept);
        async move |paid: Delivery<Paid>| {
            if paid.n != 8 {
                return Ok(());
            }
            let stolen: Option<Delivery<Paid>> = kept.borrow_mut().take();
            stolen.unwrap().transaction(|tx| pay(tx, 1)).await.map(drop)
        }
    });
    node.client().emit(Paid { n: 7 });
    idle(&node, 2).await;
    let outside = kept.borrow().clone().unwrap();
    let error = outside.transaction(|tx| pay(tx, 2)).await.unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("in its own service's handler"), "{error}");

    node.client().emit(Paid { n: 8 });
    idle(&node, 4).await;
    let letter = only(&node).await;
    assert!(letter.error_message.contains("in its own service's handler"), "{}", letter.error_message);
    assert_eq!(effects(&scratch.file()), [0_u64; 0]);
}
