//! Nestling at both ends, over NATS: two nodes, the bench's own and one on a thread of its own.

use nestling::prelude::*;
use nestling::Nats;

use super::nestling_tcp::{Echoing, Text};
use crate::echo::{Echo, on_its_own_thread};

/// Starts the node that answers on a thread of its own: an actix system, which is a current-thread runtime.
///
/// # Panics
///
/// If it does not start.
pub fn serve(url: String) {
    on_its_own_thread(|started| {
        actix::System::new().block_on(async move {
            let node = Node::builder("echo").service(Echoing).connect(Nats::url(url)).start().await;
            let _node = node.expect("the server is there");
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
