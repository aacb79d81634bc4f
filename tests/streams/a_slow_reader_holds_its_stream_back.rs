//! A stream is polled for no more items than there is room for: 16 wait for their reader.

use crate::support::{StreamExt, Then, count, counter, in_flight, settle};

#[actix::test]
async fn it_makes_no_more_than_there_is_room_for() {
    let (node, seen) = counter().await;
    let mut stream = node.client().stream(count(1_000, Then::Wait));
    assert_eq!(seen.made(), 0, "what is not polled is not asked for");
    for read in 0..100 {
        assert_eq!(stream.next().await, Some(Ok(read)));
        settle().await;
        assert_eq!(seen.made(), read + 1 + 16);
    }
    assert_eq!(in_flight(&node), 1);
}

#[actix::test]
async fn it_holds_nobody_else_up() {
    let (node, seen) = counter().await;
    let client = node.client();
    let mut unread = client.stream(count(1_000, Then::End));
    assert_eq!(unread.next().await, Some(Ok(0)));
    settle().await;
    let made = seen.made();
    let read: Vec<_> = client.stream(count(1_000, Then::End)).collect().await;
    assert_eq!(read.len(), 1_000);
    assert_eq!(seen.made(), made + 1_000);
    assert_eq!(unread.collect::<Vec<_>>().await.len(), 999, "and it goes on where it was");
}

#[actix::test]
async fn by_address_too() {
    let (node, seen) = counter().await;
    let address = node.addr::<crate::support::Counter>().unwrap();
    let mut stream = address.send(count(1_000, Then::Wait)).await.unwrap();
    for read in 0..100 {
        assert_eq!(stream.next().await, Some(Ok(read)));
        settle().await;
        assert_eq!(seen.made(), read + 1 + 16);
    }
}
