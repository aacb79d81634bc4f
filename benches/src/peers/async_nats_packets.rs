//! async-nats with NestJS's packets: the same JSON as Nestling's, read and written by serde_json where it is needed.

use futures::StreamExt;
use serde::{Deserialize, Serialize};

use crate::echo::{Echo, on_its_own_runtime};

const SUBJECT: &str = "packets.echo";

#[derive(Serialize, Deserialize)]
struct Request<'a> {
    pattern: &'a str,
    data: String,
    id: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Response<'a> {
    response: String,
    #[serde(rename = "isDisposed")]
    is_disposed: bool,
    id: &'a str,
}

/// Starts a responder on a thread of its own, which sends back what comes.
///
/// # Panics
///
/// If it does not start.
pub fn serve(url: String) {
    on_its_own_runtime(|started| async move {
        let client = async_nats::connect(url).await.expect("the server is there");
        let mut requests = client.subscribe(SUBJECT).await.expect("it subscribes");
        client.flush().await.expect("the server is there");
        started.send(()).expect("the bench waits for it");
        while let Some(message) = requests.next().await {
            let request: Request<'_> = serde_json::from_slice(&message.payload).expect("it is a packet");
            let response = Response { response: request.data, is_disposed: true, id: request.id };
            let packet = serde_json::to_vec(&response).expect("it is text");
            let reply = message.reply.expect("it asks");
            client.publish(reply, packet.into()).await.expect("it replies");
        }
    });
}

/// A client with its one connection.
pub struct Client(async_nats::Client);

impl Client {
    /// Connects.
    ///
    /// # Panics
    ///
    /// If the server is not there.
    pub async fn connect(url: &str) -> Self {
        Self(async_nats::connect(url).await.expect("the server is there"))
    }
}

impl Echo for Client {
    async fn echo(&self, text: String) -> String {
        // NATS tells the answers apart; the id is NestJS's.
        let request = Request { pattern: SUBJECT, data: text, id: "1234567" };
        let packet = serde_json::to_vec(&request).expect("it is text");
        let reply = self.0.request(SUBJECT, packet.into()).await.expect("the responder echoes");
        let response: Response<'_> = serde_json::from_slice(&reply.payload).expect("it is a packet");
        assert!(response.is_disposed && response.id == request.id, "the answer is to another request");
        response.response
    }
}
