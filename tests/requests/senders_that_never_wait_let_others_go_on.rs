//! A task whose requests are all answered at once still lets the thread's other tasks have their turns; and services
//! that ask one another, in chains and in circles, are answered however long the chain is, without as deep a stack.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

use actix::Message;
use nestling::prelude::*;
use nestling::{MessageKind, Pattern};

use crate::support::Refused;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "count", response = u64, error = Refused)]
struct Count;

#[derive(Service)]
#[service("counter", messages(Count))]
struct Counter(u64);

impl Handler<Count> for Counter {
    type Result = Result<u64, Refused>;
    fn handle(&mut self, _: Count, _: &mut Context<Self>) -> Self::Result {
        self.0 += 1;
        Ok(self.0)
    }
}

#[actix::test]
async fn a_loop_of_requests_starves_nobody() {
    let node = Node::builder("test").service(Counter(0)).start().await.unwrap();
    let client = node.client();
    let turns = Rc::new(Cell::new(0_u64));
    let counted = Rc::clone(&turns);
    let other = actix::spawn(async move {
        loop {
            counted.set(counted.get() + 1);
            tokio::task::yield_now().await;
        }
    });
    for expected in 1..=10_000 {
        assert_eq!(client.send(Count).await, Ok(expected));
    }
    other.abort();
    // tokio gives a task 128 units a poll.
    assert!(turns.get() >= 10_000 / 128, "the other task had {} turns", turns.get());
}

/// Asks `Link<N + 1>` for the rest of the way; the last asks the first again, until it has been round often enough.
#[derive(Debug, Serialize, Deserialize)]
struct Step<const N: usize> {
    left: u32,
}

const LINKS: usize = 7;

thread_local! {
    /// How many links are being polled inside of one another, and how many were at the most.
    static NESTED: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
}

fn nested<T>(poll: impl FnOnce() -> T) -> T {
    let (now, most) = NESTED.get();
    NESTED.set((now + 1, most.max(now + 1)));
    let polled = poll();
    NESTED.set((now, NESTED.get().1));
    polled
}

struct Link<const N: usize> {
    client: Client,
}

impl<const N: usize> Actor for Link<N> {
    type Context = Context<Self>;
}
impl<const N: usize> Supervised for Link<N> {}

macro_rules! links {
    ($($n:literal $pattern:literal $next:literal),+) => {$(
        impl Message for Step<$n> {
            type Result = Result<u32, Refused>;
        }
        impl Pattern for Step<$n> {
            type Kind = MessageKind;
            const PATTERNS: &'static [&'static str] = &[$pattern];
        }
        impl MessagePattern for Step<$n> {
            type Response = u32;
            type Error = Refused;
        }
        impl Service for Link<$n> {
            const NAME: &'static str = $pattern;
            fn patterns(patterns: &mut Patterns<Self>) {
                patterns.message::<Step<$n>>();
            }
        }
        impl Handler<Step<$n>> for Link<$n> {
            type Result = ResponseFuture<Result<u32, Refused>>;
            fn handle(&mut self, Step { left }: Step<$n>, _: &mut Context<Self>) -> Self::Result {
                let client = self.client.clone();
                Box::pin(async move {
                    if left == 0 {
                        return Ok(0);
                    }
                    let mut rest = pin!(client.send(Step::<$next> { left: left - 1 }));
                    let rest = poll_fn(|cx| nested(|| rest.as_mut().poll(cx))).await;
                    rest.map(|rest| rest + 1).map_err(|_| Refused($n))
                })
            }
        }
    )+};
}
links!(0 "\"link.0\"" 1, 1 "\"link.1\"" 2, 2 "\"link.2\"" 3, 3 "\"link.3\"" 4, 4 "\"link.4\"" 5, 5 "\"link.5\"" 6, 6 "\"link.6\"" 0);

#[actix::test]
async fn chains_and_circles_of_services_are_answered() {
    let node = Node::builder("test")
        .service_with(|client| Link::<0> { client })
        .service_with(|client| Link::<1> { client })
        .service_with(|client| Link::<2> { client })
        .service_with(|client| Link::<3> { client })
        .service_with(|client| Link::<4> { client })
        .service_with(|client| Link::<5> { client })
        .service_with(|client| Link::<6> { client })
        .start()
        .await
        .unwrap();
    let client = node.client();
    for left in [0, 1, 3, LINKS as u32 - 1, LINKS as u32, 1_000] {
        assert_eq!(client.send(Step::<0> { left }).await, Ok(left));
    }
    let many = (0..200).map(|left| client.send(Step::<0> { left }));
    let answers: Vec<_> = futures::future::join_all(many).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, (0..200).collect::<Vec<_>>());
    let (now, most) = NESTED.get();
    assert!(now == 0 && (2..LINKS as u32 - 1).contains(&most), "{most} links were run inside of one another");
}
