//! The items of a stream come in the order in which they were made, and then its end; streams of one service overlap.

use futures::stream;
use nestling::prelude::*;

use crate::support::{Count, Counter, Refused, Seen, StreamExt, Then, count, counter, slowly};

#[actix::test]
async fn all_of_them_and_then_the_end() {
    let (node, seen) = counter().await;
    for items in [0, 1, 16, 17, 1_000] {
        let mut stream = node.client().stream(count(items, Then::End));
        let read: Vec<_> = stream.by_ref().collect().await;
        assert_eq!(read, (0..items).map(Ok).collect::<Vec<_>>());
        assert_eq!(stream.next().await, None, "an end is for good");
    }
    assert_eq!(seen.dropped(), (5, 5));
}

#[actix::test]
async fn of_a_service_on_a_thread_of_its_own() {
    let make = |_| Counter(Seen::default());
    let node = Node::builder("test").service_on(Placement::Dedicated, make).start().await.unwrap();
    let read: Vec<_> = node.client().stream(count(10_000, Then::End)).collect().await;
    assert_eq!(read, (0..10_000).map(Ok).collect::<Vec<_>>());
}

#[actix::test]
async fn of_streams_that_overlap() {
    let (node, _) = counter().await;
    let client = node.client();
    let pause = Duration::from_millis(1);
    let slow = client.stream(slowly(3, Then::End, pause)).map(|item| ("slow", item));
    let endless = client.stream(count(5, Then::Wait)).take(5).map(|item| ("quick", item));
    let read: Vec<_> = stream::select(slow, endless).collect().await;
    for (name, items) in [("slow", 3), ("quick", 5)] {
        let of_one: Vec<_> =
            read.iter().filter(|(of, _)| *of == name).map(|(_, item)| item.clone()).collect();
        assert_eq!(of_one, (0..items).map(Ok).collect::<Vec<_>>(), "{name}");
    }
    assert_eq!(read[0].0, "quick", "a stream that waits holds nobody up");
}

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern(cmd = "made", item = u32, error = Refused)]
struct Made {
    how: String,
}

#[derive(Service)]
#[service("maker", streams(Delivery<Made>))]
struct Maker;

impl Handler<Delivery<Made>> for Maker {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, made: Delivery<Made>, _: &mut Context<Self>) -> Self::Result {
        assert_eq!((made.route().as_str(), made.attempt()), (r#"{"cmd":"made"}"#, 1));
        match made.into_inner().how.as_str() {
            "of" => ResponseStream::of([7, 8]),
            "failed" => ResponseStream::failed(Refused(9)),
            _ => ResponseStream::empty(),
        }
    }
}

#[actix::test]
async fn however_the_stream_was_made() {
    let node = Node::builder("test").service(Maker).start().await.unwrap();
    let client = node.client();
    let read = |how: &str| client.stream(Made { how: how.to_owned() }).collect::<Vec<_>>();
    assert_eq!(read("of").await, [Ok(7), Ok(8)]);
    assert_eq!(read("failed").await, [Err(RequestError::Handler(Refused(9)))]);
    assert_eq!(read("empty").await, []);
}

#[actix::test]
async fn what_nobody_handles_says_so() {
    let node = Node::builder("test").start().await.unwrap();
    let pattern = "count".to_owned();
    let read: Vec<_> = node.client().stream(count(1, Then::End)).collect().await;
    assert_eq!(read, [Err(RequestError::NoHandler { pattern })]);
    let read: Vec<Result<u32, RequestError<Refused>>> =
        Client::detached().stream::<Count>(count(1, Then::End)).collect().await;
    assert!(matches!(&read[..], [Err(RequestError::Unavailable { .. })]), "{read:?}");
}
