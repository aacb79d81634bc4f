//! A service whose streams do what their caller says, and say what they do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::Stream;
use nestling::prelude::*;

pub(crate) use futures::StreamExt;

/// A service's own error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0} is refused")]
pub(crate) struct Refused(pub u32);

/// What comes after the items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Then {
    End,
    Fail,
    Panic,
    /// Nothing, for ever.
    Wait,
}

/// Asks for 0, 1, .. up to `items`.
#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("count", item = u32, error = Refused)]
pub(crate) struct Count {
    pub(crate) items: u32,
    pub(crate) then: Then,
    /// Before each item.
    pub(crate) pause: Duration,
}

pub(crate) fn count(items: u32, then: Then) -> Count {
    Count { items, then, pause: Duration::ZERO }
}

pub(crate) fn slowly(items: u32, then: Then, pause: Duration) -> Count {
    Count { items, then, pause }
}

/// What the streams of one thread have done.
#[derive(Clone, Default)]
pub(crate) struct Seen(Rc<Inner>);

#[derive(Default)]
struct Inner {
    begun: Cell<u32>,
    made: Cell<u32>,
    dropped: Cell<u32>,
    lines: RefCell<Vec<String>>,
}

impl Seen {
    /// How many streams have been dropped of how many that handlers have returned.
    pub(crate) fn dropped(&self) -> (u32, u32) {
        (self.0.dropped.get(), self.0.begun.get())
    }

    /// How many items have been made.
    pub(crate) fn made(&self) -> u32 {
        self.0.made.get()
    }

    pub(crate) fn say(&self, line: impl Into<String>) {
        self.0.lines.borrow_mut().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lines.borrow().clone()
    }
}

struct Running(Seen);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.dropped.set(self.0.0.dropped.get() + 1);
    }
}

impl Count {
    pub(crate) fn run(self, seen: &Seen) -> impl Stream<Item = Result<u32, Refused>> + use<> {
        seen.0.begun.set(seen.0.begun.get() + 1);
        let running = Running(seen.clone());
        futures::stream::unfold((0, running), move |(n, running)| {
            let Count { items, then, pause } = self;
            async move {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                let item = match then {
                    _ if n < items => Ok(n),
                    Then::End => return None,
                    Then::Panic => panic!("after {n} items"),
                    Then::Wait => std::future::pending().await,
                    Then::Fail => Err(Refused(n)),
                };
                let seen = &running.0.0;
                seen.made.set(seen.made.get() + 1);
                Some((item, (n + 1, running)))
            }
        })
    }
}

/// Answers [`Count`].
#[derive(Service)]
#[service("counter", streams(Count))]
pub(crate) struct Counter(pub(crate) Seen);

impl Handler<Count> for Counter {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, count: Count, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::new(count.run(&self.0))
    }
}

/// A node with one [`Counter`].
pub(crate) async fn counter() -> (Node, Seen) {
    let seen = Seen::default();
    let node = Node::builder("test").service(Counter(seen.clone())).start().await.unwrap();
    (node, seen)
}

pub(crate) fn in_flight(node: &Node) -> u64 {
    node.stats().services.iter().map(|service| service.requests.in_flight).sum()
}

/// Lets everything that has something to do do it.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Waits until `condition` holds; panics after ten seconds.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "it did not happen within a minute");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Runs `test` where actors can run.
pub(crate) async fn locally<T>(test: impl Future<Output = T>) -> T {
    tokio::task::LocalSet::new().run_until(test).await
}
