//! A node that runs.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use nestling::prelude::*;
use nestling::{NodeStats, ShutdownReport};

/// Something that is done when a node closes.
pub(crate) type Closing = Rc<dyn Fn() -> LocalBoxFuture<'static, ()>>;

/// A node that runs, and what a transport has beside it. In one process it may be the node of others too.
#[derive(Clone)]
pub(crate) struct Running {
    node: Rc<RefCell<Option<Node>>>,
    client: Client,
    before_close: Option<Closing>,
    after_close: Option<Closing>,
    waits: Option<Duration>,
}

impl Running {
    pub(crate) fn new(node: Node) -> Self {
        let client = node.client();
        let node = Rc::new(RefCell::new(Some(node)));
        Self { node, client, before_close: None, after_close: None, waits: None }
    }

    /// Also does this when it closes, once the node has ended.
    #[cfg(feature = "tcp")]
    pub(crate) fn after_close(mut self, closing: Closing) -> Self {
        self.after_close = Some(closing);
        self
    }

    /// Does this before it closes: only a broken transport needs it.
    pub(crate) fn before_close(mut self, closing: Closing) -> Self {
        self.before_close = Some(closing);
        self
    }

    /// Makes requests wait for so long, whatever they say: only a broken transport does.
    pub(crate) fn waits(mut self, time: Duration) -> Self {
        self.waits = Some(time);
        self
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// What becomes of a caller's timeout.
    pub(crate) fn timeout(&self, timeout: Duration) -> Duration {
        self.waits.unwrap_or(timeout)
    }

    /// The node's numbers, while it runs.
    pub(crate) fn stats(&self) -> Option<NodeStats> {
        self.node.borrow().as_ref().map(Node::stats)
    }

    /// Closes the node, within `limit`; does nothing to one that is closed.
    pub(crate) async fn close(&self, limit: Duration) -> Option<ShutdownReport> {
        if let Some(closing) = &self.before_close {
            closing().await;
        }
        let node = self.node.borrow_mut().take();
        let report = match node {
            Some(node) => Some(node.shutdown(limit).await),
            None => None,
        };
        if let Some(closing) = &self.after_close {
            closing().await;
        }
        report
    }

    /// Ends the node at once, as near to a crash as a process can come by itself.
    pub(crate) fn drop_node(&self) {
        drop(self.node.borrow_mut().take());
    }
}
