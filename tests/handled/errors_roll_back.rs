//! A closure that fails commits nothing, and its error is the handler's: the next attempt runs it again.

use nestling::prelude::*;

use crate::support::{Paid, Scratch, effects, handled, idle, ledger, only, pay};

#[actix::test]
async fn and_the_retry_commits() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let _ledger =
        node.subscribe::<Paid>(ledger().retry(Retry::immediate(1)), async |paid: Delivery<Paid>| {
            let (n, attempt) = (paid.n, paid.attempt());
            paid.transaction(move |tx| {
                pay(tx, n)?;
                if attempt == 1 { Err(EventError::msg("no such customer")) } else { Ok(()) }
            })
            .await
            .map(drop)
        });
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    assert_eq!(node.stats().total().handled, 1);
    assert_eq!(effects(&scratch.file()), [7]);
}

#[actix::test]
async fn and_the_error_is_the_handlers() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let _ledger = node.subscribe::<Paid>(ledger(), async |paid: Delivery<Paid>| {
        let n = paid.n;
        let paid = paid.transaction(move |tx| {
            pay(tx, n)?;
            tx.execute("INSERT INTO nowhere VALUES (1)", [])?;
            Ok(())
        });
        paid.await.map(drop)
    });
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    let letter = only(&node).await;
    assert_eq!((letter.reason, letter.error_type.as_str()), (Reason::HandlerError, "rusqlite::error::Error"));
    assert!(letter.error_message.contains("nowhere"), "{}", letter.error_message);
    assert_eq!(effects(&scratch.file()), [0_u64; 0]);
}

#[actix::test]
async fn also_when_the_transaction_is_ended_by_hand() {
    let scratch = Scratch::new();
    let node = Node::builder("shop").handled(handled(&scratch.file())).start().await.unwrap();
    let _ledger =
        node.subscribe::<Paid>(ledger().retry(Retry::immediate(5)), async |paid: Delivery<Paid>| {
            let n = paid.n;
            let paid = paid.transaction(move |tx| {
                pay(tx, n)?;
                Ok(tx.execute_batch("ROLLBACK")?)
            });
            paid.await.map(drop)
        });
    node.client().emit(Paid { n: 7 });
    idle(&node, 1).await;
    let letter = only(&node).await;
    assert_eq!(letter.attempts, 1, "no retry mends it");
    assert!(letter.error_message.contains("leave COMMIT and ROLLBACK"), "{}", letter.error_message);
}
