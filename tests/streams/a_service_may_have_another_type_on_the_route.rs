//! A caller may have its own Rust type for a stream's route: its message, and each item, are translated through JSON.

use nestling::prelude::*;

use crate::support::{Refused, Seen, StreamExt, Then, count, counter, in_flight, until};

mod caller {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, StreamPattern)]
    #[stream_pattern("count", item = i64, error = Refused)]
    pub(super) struct Ask {
        pub(super) items: i64,
        pub(super) then: Then,
        pub(super) pause: Duration,
    }

    #[derive(Debug, Serialize, Deserialize, StreamPattern)]
    #[stream_pattern("count", item = Small, error = Refused)]
    pub(super) struct Misunderstood {
        pub(super) items: i64,
        pub(super) then: Then,
        pub(super) pause: Duration,
    }

    /// As a message: the first value.
    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern("count", response = u64, error = Refused)]
    pub(super) struct First {
        pub(super) items: i64,
        pub(super) then: Then,
        pub(super) pause: Duration,
    }

    /// Fits 0, 1 and 2.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(try_from = "u8")]
    pub(super) struct Small(pub(super) u8);

    impl TryFrom<u8> for Small {
        type Error = String;
        fn try_from(n: u8) -> Result<Self, String> {
            if n < 3 { Ok(Self(n)) } else { Err(format!("{n} is not small")) }
        }
    }
}
use caller::{Ask, First, Misunderstood, Small};

const PAUSE: Duration = Duration::ZERO;

fn ask(items: i64, then: Then) -> Ask {
    Ask { items, then, pause: PAUSE }
}

async fn is_gone(node: &Node, seen: &Seen) {
    until(|| seen.dropped().0 == seen.dropped().1 && in_flight(node) == 0).await;
}

#[actix::test]
async fn it_is_translated_both_ways() {
    let (node, seen) = counter().await;
    let client = node.client();
    for items in [0, 1, 16, 40] {
        let read: Vec<_> = client.stream(ask(items, Then::End)).collect().await;
        assert_eq!(read, (0..items).map(Ok).collect::<Vec<_>>());
    }
    let failed: Vec<_> = client.stream(ask(1, Then::Fail)).collect().await;
    assert_eq!(failed, [Ok(0), Err(RequestError::Handler(Refused(1)))]);
    let panicked = client.stream(ask(1, Then::Panic)).skip(1).next().await;
    assert!(matches!(panicked, Some(Err(RequestError::Panicked { .. }))), "{panicked:?}");
    let mut left = client.stream(ask(1_000, Then::End));
    assert_eq!(left.next().await, Some(Ok(0)));
    drop(left);
    is_gone(&node, &seen).await;
}

#[actix::test]
async fn what_does_not_fit_says_what() {
    let (node, seen) = counter().await;
    let client = node.client();
    let mut refused: Vec<_> = client.stream(ask(-1, Then::End)).collect().await;
    let Some(Err(RequestError::Decode { pattern, message })) = refused.pop() else { panic!("{refused:?}") };
    assert_eq!((pattern.as_str(), refused.len()), ("count", 0));
    assert!(message.contains("items: invalid value: integer `-1`"), "{message}");

    let misunderstood = Misunderstood { items: 1_000, then: Then::End, pause: PAUSE };
    let mut read: Vec<_> = client.stream(misunderstood).collect().await;
    let Some(Err(RequestError::Decode { message, .. })) = read.pop() else { panic!("{read:?}") };
    assert!(message.contains("3 is not small"), "{message}");
    assert_eq!(read, [Ok(Small(0)), Ok(Small(1)), Ok(Small(2))], "what fits is read");
    is_gone(&node, &seen).await;
}

#[actix::test]
async fn of_a_stream_a_message_gets_the_first_value() {
    let (node, seen) = counter().await;
    let client = node.client();
    let first = |items, then| client.send(First { items, then, pause: PAUSE });
    assert_eq!(first(1_000, Then::End).await, Ok(0));
    assert_eq!(first(1, Then::Wait).await, Ok(0));
    assert_eq!(first(0, Then::Fail).await, Err(RequestError::Handler(Refused(0))));
    let none = first(0, Then::End).await.unwrap_err().to_string();
    assert!(none.contains("the stream ended without a value"), "{none}");
    is_gone(&node, &seen).await;
    let typed: Vec<_> = client.stream(count(1, Then::End)).collect().await;
    assert_eq!(typed, [Ok(0)], "its own type needs no translation");
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("half", response = u32, error = Refused, validate = is_even)]
struct Half(u32);

fn is_even(half: &Half) -> Result<(), String> {
    if half.0.is_multiple_of(2) { Ok(()) } else { Err("`0` is odd".to_owned()) }
}

#[derive(Service)]
#[service("halver", messages(Half))]
struct Halver;

impl Handler<Half> for Halver {
    type Result = Result<u32, Refused>;
    fn handle(&mut self, Half(n): Half, _: &mut Context<Self>) -> Self::Result {
        if n == 0 { Err(Refused(0)) } else { Ok(n / 2) }
    }
}

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("half", item = u64, error = Refused)]
struct Halves(u32);

#[actix::test]
async fn of_a_message_a_stream_has_one_item() {
    let node = Node::builder("test").service(Halver).start().await.unwrap();
    let read = |n| node.client().stream(Halves(n)).collect::<Vec<_>>();
    assert_eq!(read(4).await, [Ok(2)]);
    assert_eq!(read(0).await, [Err(RequestError::Handler(Refused(0)))]);
    let (pattern, message) = ("half".to_owned(), "`0` is odd".to_owned());
    assert_eq!(read(3).await, [Err(RequestError::Invalid { pattern, message })]);
}
