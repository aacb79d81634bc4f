//! A panic in a stream, at any item, is told to its reader, after the items before it, and restarts the service.

use nestling::prelude::*;

use crate::support::{Count, Counter, Refused, StreamExt, Then, count, counter, in_flight, until};

/// The items, and then the panic as it is told.
fn with_panic(items: u32, service: &str, pattern: &str) -> Vec<Result<u32, RequestError<Refused>>> {
    let message = format!("after {items} items");
    let (pattern, service) = (pattern.to_owned(), service.to_owned());
    (0..items).map(Ok).chain([Err(RequestError::Panicked { pattern, service, message })]).collect()
}

#[actix::test]
async fn at_any_item() {
    let (node, seen) = counter().await;
    for (restarts, items) in [0, 1, 16, 17, 100].into_iter().enumerate() {
        assert_eq!(node.stats().services[0].restarts, restarts as u64);
        let read: Vec<_> = node.client().stream(count(items, Then::Panic)).collect().await;
        assert_eq!(read, with_panic(items, "counter", "count"));
        let after: Vec<_> = node.client().stream(count(1, Then::End)).collect().await;
        assert_eq!(after, [Ok(0)], "the service goes on");
    }
    until(|| seen.dropped() == (10, 10) && in_flight(&node) == 0).await;
    let counter = &node.stats().services[0];
    assert_eq!((counter.requests.answered, counter.requests.unanswered), (5, 5));
}

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("refuse", item = u32, error = Refused)]
struct PanicAtOnce;

#[derive(Service)]
#[service("panicker", streams(PanicAtOnce))]
struct Panicker;

impl Handler<PanicAtOnce> for Panicker {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, _: PanicAtOnce, _: &mut Context<Self>) -> Self::Result {
        panic!("after 0 items")
    }
}

#[actix::test]
async fn in_the_handler_itself() {
    let node = Node::builder("test").service(Panicker).start().await.unwrap();
    let read: Vec<_> = node.client().stream(PanicAtOnce).collect().await;
    assert_eq!(read, with_panic(0, "panicker", "refuse"));
}

/// The actor has no part in it, so it is not restarted, and nothing of its context is lost.
#[actix::test]
async fn by_address_it_is_told_too() {
    let (node, seen) = counter().await;
    let address = node.addr::<Counter>().unwrap();
    let mut neighbour = address.send(count(100, Then::End)).await.unwrap();
    assert_eq!(neighbour.next().await, Some(Ok(0)));
    let read: Vec<_> = address.send(count(20, Then::Panic)).await.unwrap().collect().await;
    let service = std::any::type_name::<Counter>();
    assert_eq!(read, with_panic(20, service, std::any::type_name::<Count>()));
    assert_eq!(neighbour.collect::<Vec<_>>().await, (1..100).map(Ok).collect::<Vec<_>>());
    assert_eq!((node.stats().services[0].restarts, seen.dropped()), (0, (2, 2)));
}
