//! A service for the tests to talk to, and a raw peer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use nestling::prelude::*;
use nestling::{Nats, NodeBuilder};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::nats_server::NatsServer;

/// The longest that anything is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Waits for `future`, and not for ever.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("it takes too long: {what}"))
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    soon(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("no more than {most}")]
pub(crate) struct TooMany {
    pub most: u32,
}

/// An error that no test meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("never")]
pub(crate) struct Never;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "double", response = u32, error = TooMany, alias = "double.alias")]
pub(crate) struct Double(pub u32);

/// Answered with what its delivery brought beside the payload.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("about", response = Value, error = TooMany)]
pub(crate) struct About;

/// Answered with so many letters.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("letters", response = String, error = TooMany)]
pub(crate) struct Letters(pub usize);

/// Answered when the test lets it.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("held", response = u32, error = TooMany)]
pub(crate) struct Held(pub u32);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("panics", response = (), error = TooMany)]
pub(crate) struct Panics;

/// Served to nobody outside.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("secret", response = u32, error = TooMany, internal)]
pub(crate) struct Secret;

/// Nobody serves it.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("nobody", response = u32, error = TooMany)]
pub(crate) struct Nobody;

/// The numbers up to this one; beyond 100 there is an error.
#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("numbers", item = u32, error = TooMany)]
pub(crate) struct Numbers(pub u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
pub(crate) struct Created(pub u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.paid")]
pub(crate) struct Paid {
    pub order: u32,
}

/// Every instance gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EventPattern)]
#[event_pattern("cache.cleared")]
pub(crate) struct Cleared(pub u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EventPattern)]
#[event_pattern("kept.here", internal)]
pub(crate) struct KeptHere(pub u32);

/// What a service was told.
#[derive(Clone)]
pub(crate) struct Seen {
    lines: Arc<Mutex<Vec<String>>>,
    begun: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl Default for Seen {
    fn default() -> Self {
        Self { lines: Arc::default(), begun: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }
}

impl Seen {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.lock().unwrap().len()
    }

    /// How many `Held` were begun.
    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    /// Lets so many `Held` end.
    pub(crate) fn open(&self, held: usize) {
        self.gate.add_permits(held);
    }
}

/// Serves all message patterns and the stream, and notes all events.
pub(crate) struct Desk(pub(crate) Seen);

impl Actor for Desk {
    type Context = Context<Self>;
}
impl Supervised for Desk {}
impl Service for Desk {
    const NAME: &'static str = "desk";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Double>().message::<About_>().message::<Letters>().message::<Held>();
        patterns.message::<Panics>().message::<Secret>().stream::<Numbers>();
        patterns.event::<Created>().event::<Delivery<Paid>>().event::<KeptHere>();
        patterns.event::<Cleared>().every_instance();
    }
}
type About_ = Delivery<About>;

impl Handler<Double> for Desk {
    type Result = Result<u32, TooMany>;
    fn handle(&mut self, Double(n): Double, _: &mut Context<Self>) -> Self::Result {
        if n > 100 { Err(TooMany { most: 100 }) } else { Ok(2 * n) }
    }
}
impl Handler<Delivery<About>> for Desk {
    type Result = Result<Value, TooMany>;
    fn handle(&mut self, about: Delivery<About>, _: &mut Context<Self>) -> Self::Result {
        let metadata = about.metadata();
        Ok(serde_json::json!({
            "id": metadata.id(),
            "correlation": metadata.correlation_id(),
            "causation": metadata.causation_id(),
            "headers": metadata.headers(),
        }))
    }
}
impl Handler<Letters> for Desk {
    type Result = Result<String, TooMany>;
    fn handle(&mut self, Letters(n): Letters, _: &mut Context<Self>) -> Self::Result {
        Ok("x".repeat(n))
    }
}
impl Handler<Held> for Desk {
    type Result = ResponseFuture<Result<u32, TooMany>>;
    fn handle(&mut self, Held(n): Held, _: &mut Context<Self>) -> Self::Result {
        let Seen { begun, gate, .. } = self.0.clone();
        begun.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            gate.acquire().await.unwrap().forget();
            Ok(n)
        })
    }
}
impl Handler<Panics> for Desk {
    type Result = Result<(), TooMany>;
    fn handle(&mut self, _: Panics, _: &mut Context<Self>) -> Self::Result {
        panic!("the password is sesame")
    }
}
impl Handler<Secret> for Desk {
    type Result = Result<u32, TooMany>;
    fn handle(&mut self, _: Secret, _: &mut Context<Self>) -> Self::Result {
        Ok(42)
    }
}
impl Handler<Numbers> for Desk {
    type Result = ResponseStream<u32, TooMany>;
    fn handle(&mut self, Numbers(n): Numbers, _: &mut Context<Self>) -> Self::Result {
        let numbers = (1..=n).map(|n| if n > 100 { Err(TooMany { most: 100 }) } else { Ok(n) });
        // The end comes by itself, and later than the last item.
        ResponseStream::new(stream::iter(numbers).then(|number| async {
            tokio::task::yield_now().await;
            number
        }))
    }
}
macro_rules! notes {
    ($($event:ty: |$name:ident| $line:expr;)+) => {
        $(impl Handler<$event> for Desk {
            type Result = Result<(), EventError>;
            fn handle(&mut self, $name: $event, _: &mut Context<Self>) -> Self::Result {
                self.0.push($line);
                Ok(())
            }
        })+
    };
}
notes! {
    Created: |event| format!("created {}", event.0);
    Delivery<Paid>: |event| format!("paid {} id {}", event.order, event.id());
    Cleared: |event| format!("cleared {}", event.0);
    KeptHere: |event| format!("kept {}", event.0);
}

/// A node of that name, connected.
pub(crate) fn connected(name: &str, server: &NatsServer) -> NodeBuilder {
    Node::builder(name).connect(Nats::url(server.url()))
}

/// A node that runs the desk, connected.
pub(crate) async fn desk(name: &str, server: &NatsServer) -> (Node, Seen) {
    let seen = Seen::default();
    let node = connected(name, server).service(Desk(seen.clone())).start().await.unwrap();
    settled(&node).await;
    (node, seen)
}

/// A node without services, connected.
pub(crate) async fn caller(server: &NatsServer) -> Node {
    connected("caller", server).start().await.unwrap()
}

/// Waits until the server knows all that the node has told it.
pub(crate) async fn settled(node: &Node) {
    node.client().emit_confirmed(Settled).await.unwrap();
}

/// Nobody subscribes to it.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("test.settled")]
pub(crate) struct Settled;

/// A client that knows nothing of this crate.
pub(crate) async fn raw(server: &NatsServer) -> async_nats::Client {
    async_nats::connect(server.url()).await.unwrap()
}

/// The first page of a node's dead letters.
pub(crate) async fn letters(node: &Node) -> Vec<DeadLetter> {
    node.dead_letters().flush().await.unwrap();
    node.dead_letters().list(Filter::default()).await.unwrap().letters
}
