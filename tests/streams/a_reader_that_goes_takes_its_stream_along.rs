//! Dropping what a caller reads drops the handler's stream and frees its place; what was not begun never is.

use std::cell::Cell;

use nestling::prelude::*;

use crate::support::{Counter, Refused, StreamExt, Then, count, counter, in_flight, until};

#[actix::test]
async fn while_it_waits_for_items_and_while_it_waits_for_room() {
    let (node, seen) = counter().await;
    for (round, items) in [(1, 2), (2, 1_000)] {
        let mut stream = node.client().stream(count(items, Then::Wait));
        assert_eq!(stream.next().await, Some(Ok(0)));
        assert_eq!(in_flight(&node), 1);
        drop(stream);
        until(|| seen.dropped() == (round, round)).await;
        until(|| in_flight(&node) == 0).await;
    }
    let counter = &node.stats().services[0];
    assert_eq!((counter.requests.received, counter.requests.unanswered, counter.restarts), (2, 2, 0));
}

#[actix::test]
async fn from_another_thread() {
    let (node, seen) = counter().await;
    for round in 1..=20 {
        let mut stream = node.client().stream(count(u32::MAX, Then::End));
        assert_eq!(stream.next().await, Some(Ok(0)));
        std::thread::spawn(move || drop(stream));
        until(|| seen.dropped() == (round, round) && in_flight(&node) == 0).await;
    }
}

#[actix::test]
async fn by_address_too() {
    let (node, seen) = counter().await;
    let address = node.addr::<Counter>().unwrap();
    for (round, items) in [(1, 2), (2, 1_000)] {
        let mut stream = address.send(count(items, Then::Wait)).await.unwrap();
        assert_eq!(stream.next().await, Some(Ok(0)));
        drop(stream);
        until(|| seen.dropped() == (round, round)).await;
    }
    address.do_send(count(1, Then::Wait));
    until(|| seen.dropped() == (3, 3)).await;
    assert_eq!(seen.made(), 2 + 16, "what nobody reads is not made");
}

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Counts those that are there.
#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("ask", item = u32, error = Refused)]
struct Ask(u32);

impl Drop for Ask {
    fn drop(&mut self) {
        ASKED.set(ASKED.get() - 1);
    }
}

fn ask() -> Ask {
    ASKED.set(ASKED.get() + 1);
    Ask(1)
}

#[derive(Service)]
#[service("answerer", streams(Ask))]
struct Answerer;

impl Handler<Ask> for Answerer {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, ask: Ask, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::of([ask.0])
    }
}

#[actix::test]
async fn before_it_was_begun() {
    let node = Node::builder("test").service(Answerer).start().await.unwrap();
    let client = node.client();
    drop(client.stream(ask()));
    assert_eq!((ASKED.get(), node.stats().services[0].requests.received), (0, 0), "it was never asked for");
    let mut stream = client.stream(ask());
    assert!(futures::poll!(stream.next()).is_pending());
    assert_eq!((ASKED.get(), node.stats().services[0].requests.queued), (1, 1));
    drop(stream);
    assert_eq!(ASKED.get(), 0, "the message goes with its sender, not when its turn comes");
    assert_eq!(client.stream(ask()).collect::<Vec<_>>().await, [Ok(1)]);
    let requests = node.stats().services[0].requests;
    assert_eq!((requests.received, requests.answered, requests.unanswered), (2, 1, 1));
}
