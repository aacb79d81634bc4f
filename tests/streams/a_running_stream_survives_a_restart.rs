//! A restart of its service leaves a running stream alone: the inbox drives it, not the actor's context.

use std::cell::Cell;

use nestling::prelude::*;

use crate::support::{Counter, Seen, StreamExt, Then, count, slowly, until};

async fn others_go_on(node: &Node) {
    let client = node.client();
    let mut unread = client.stream(count(100, Then::End));
    let mut slow = client.stream(slowly(3, Then::End, Duration::from_millis(5)));
    assert_eq!(unread.next().await, Some(Ok(0)));
    assert!(futures::poll!(slow.next()).is_pending());
    for _ in 0..3 {
        let last = client.stream(count(2, Then::Panic)).collect::<Vec<_>>().await.pop();
        assert!(matches!(last, Some(Err(RequestError::Panicked { .. }))), "{last:?}");
    }
    until(|| node.stats().services[0].restarts == 3).await;
    assert_eq!(unread.collect::<Vec<_>>().await, (1..100).map(Ok).collect::<Vec<_>>());
    assert_eq!(slow.collect::<Vec<_>>().await, [Ok(0), Ok(1), Ok(2)]);
}

#[actix::test]
async fn of_the_same_instance() {
    let (node, _) = crate::support::counter().await;
    others_go_on(&node).await;
}

#[actix::test]
async fn with_a_fresh_instance() {
    let made = std::rc::Rc::new(Cell::new(0));
    let counted = std::rc::Rc::clone(&made);
    let make = move |_| {
        counted.set(counted.get() + 1);
        Counter(Seen::default())
    };
    let node = Node::builder("test").service_with(make).start().await.unwrap();
    others_go_on(&node).await;
    assert_eq!(made.get(), 4);
}

/// What `Addr::send` reached is driven by the actor's context, which a restart clears.
#[actix::test]
async fn by_address_it_is_cut_off_and_says_so() {
    let (node, seen) = crate::support::counter().await;
    let address = node.addr::<Counter>().unwrap();
    let mut stream = address.send(count(2, Then::Wait)).await.unwrap();
    assert_eq!(stream.next().await, Some(Ok(0)));
    let panicked: Vec<_> = node.client().stream(count(0, Then::Panic)).collect().await;
    assert_eq!(panicked.len(), 1);
    assert_eq!(stream.next().await, Some(Ok(1)), "what was made is still read");
    let end = stream.next().await;
    assert!(matches!(end, Some(Err(RequestError::Unanswered { .. }))), "{end:?}");
    assert_eq!(seen.dropped(), (2, 2));
}
