//! Nestling at both ends, over NATS: two nodes, the bench's own and one on a thread of its own.

use std::sync::Arc;

use nestling::prelude::*;
use nestling::{Nats, NodeBuilder, Stream};

use super::nestling_tcp::{Echoing, Text};
use crate::durable::{Handled, KEPT, PREFETCH, Publish};
use crate::echo::{Echo, on_its_own_thread};

/// Starts the node that answers on a thread of its own: an actix system, which is a current-thread runtime.
///
/// # Panics
///
/// If it does not start.
pub fn serve(url: String) {
    run(move || Node::builder("echo").service(Echoing).connect(Nats::url(url)));
}

fn run(node: impl FnOnce() -> NodeBuilder + std::marker::Send + 'static) {
    on_its_own_thread(|started| {
        actix::System::new().block_on(async move {
            let _node = node().start().await.expect("the server is there");
            started.send(()).expect("the bench waits for it");
            std::future::pending::<()>().await;
        });
    });
}

/// A node that asks.
pub struct Asker {
    client: Client,
    _node: Node,
}

impl Asker {
    /// Starts it; must run inside an actix system.
    ///
    /// # Panics
    ///
    /// If the server is not there.
    pub async fn connect(url: &str) -> Self {
        let node = Node::builder("asker").connect(Nats::url(url)).start().await.expect("the server is there");
        Self { client: node.client(), _node: node }
    }
}

impl Echo for Asker {
    async fn echo(&self, text: String) -> String {
        self.client.send(Text(text)).await.expect("the node echoes")
    }
}

/// What is taken in any order.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("free.noted")]
pub struct Free(String);

/// What is taken in order.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("ordered.noted")]
pub struct Ordered(String);

/// Takes so many at once as a consumer may hold.
struct Freely(Arc<Handled>);

/// Takes one after the other.
struct InOrder(Arc<Handled>);

impl Actor for Freely {
    type Context = Context<Self>;
}

impl Actor for InOrder {
    type Context = Context<Self>;
}

impl Supervised for Freely {}

impl Supervised for InOrder {}

impl Service for Freely {
    const NAME: &'static str = "freely";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Free>>().concurrency(PREFETCH as u32);
    }
}

impl Service for InOrder {
    const NAME: &'static str = "in-order";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Ordered>>();
    }
}

impl Handler<Delivery<Free>> for Freely {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: Delivery<Free>, _: &mut Context<Self>) -> Self::Result {
        self.0.one();
        Ok(())
    }
}

impl Handler<Delivery<Ordered>> for InOrder {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: Delivery<Ordered>, _: &mut Context<Self>) -> Self::Result {
        self.0.one();
        Ok(())
    }
}

/// Publishes, with the broker's acknowledgement, what a service of another node handles.
pub struct Publisher<E> {
    client: Client,
    wrap: fn(String) -> E,
    _node: Node,
}

impl Publisher<Free> {
    /// A service with `concurrency`, and its publisher; must run inside an actix system.
    pub async fn free(url: &str, handled: &Arc<Handled>) -> Self {
        let handled = Arc::clone(handled);
        Self::start(url, "FREE", "free.>", Free, move |node| node.service(Freely(handled))).await
    }
}

impl Publisher<Ordered> {
    /// A service with an ordered lane, and its publisher; must run inside an actix system.
    pub async fn ordered(url: &str, handled: &Arc<Handled>) -> Self {
        let handled = Arc::clone(handled);
        Self::start(url, "IN_ORDER", "ordered.>", Ordered, move |node| node.service(InOrder(handled))).await
    }
}

impl<E> Publisher<E> {
    async fn start(
        url: &str,
        stream: &str,
        subjects: &str,
        wrap: fn(String) -> E,
        with: impl FnOnce(NodeBuilder) -> NodeBuilder + std::marker::Send + 'static,
    ) -> Self {
        let stream = Stream::new(stream).subjects([subjects]).max_messages(KEPT).prefetch(PREFETCH);
        let durable = |name, url: &str, stream| Node::builder(name).connect(Nats::url(url)).durable(stream);
        let node = durable("publisher", url, stream.clone()).start().await.expect("the server has JetStream");
        let url = url.to_owned();
        run(move || with(durable("handler", &url, stream)));
        Self { client: node.client(), wrap, _node: node }
    }
}

impl<E: EventPattern> Publish for Publisher<E> {
    async fn publish(&self, text: String) {
        self.client.emit_confirmed((self.wrap)(text)).await.expect("the server stores it");
    }
}
