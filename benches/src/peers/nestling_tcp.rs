//! Nestling at both ends: a node that listens, and a `TcpClient`.

use std::net::SocketAddr;

use nestling::prelude::*;
use nestling::{RpcError, Tcp, TcpClient};

use crate::echo::{Echo, on_its_own_thread};

/// The text, there and back.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = String, error = RpcError)]
pub struct Text(pub(crate) String);

#[derive(Service)]
#[service("echo", messages(Text))]
pub(crate) struct Echoing;

impl Handler<Text> for Echoing {
    type Result = Result<String, RpcError>;

    fn handle(&mut self, Text(text): Text, _: &mut Context<Self>) -> Self::Result {
        Ok(text)
    }
}

/// Starts the node on a thread of its own: an actix system, which is a current-thread runtime.
///
/// # Panics
///
/// If it does not start.
#[must_use]
pub fn serve() -> SocketAddr {
    on_its_own_thread(|started| {
        actix::System::new().block_on(async move {
            let node = Node::builder("echo").service(Echoing).listen(Tcp::port(0)).start().await;
            let node = node.expect("a free port");
            started.send(node.listening()[0]).expect("the bench waits for it");
            std::future::pending::<()>().await;
        });
    })
}

/// A client with its one connection.
pub struct Client(TcpClient);

impl Client {
    /// Connects at the first request.
    #[must_use]
    pub fn connect(address: SocketAddr) -> Self {
        Self(TcpClient::connect(address.to_string()))
    }
}

impl Echo for Client {
    async fn echo(&self, text: String) -> String {
        self.0.send(Text(text)).await.expect("the node echoes")
    }
}
