//! The client's side: a remote service, NestJS's or one of this crate, as typed as one in this process.
//!
//! | file | what it says |
//! |---|---|
//! | `mod` | what users call |
//! | `builder` | how a client is set up |
//! | `status` | where its connections stand |
//! | `unsent` | an event that was not sent |
//! | `peer` | the pool of connections |
//! | `encode` | requests and events as frames |
//! | `link/` | one connection: its queue, its task |
//! | `dial` | making a connection |
//! | `stream` | the connection of a stream |

mod builder;
mod dial;
mod encode;
mod link;
mod peer;
mod status;
mod stream;
mod unsent;

use std::fmt;
use std::sync::Arc;

use actix::Message;
use futures::{Stream, StreamExt};
use serde_json::Value;

pub use builder::TcpClientBuilder;
use peer::TcpPeer;
pub use status::TcpStatus;
pub use unsent::Unsent;

use crate::client::{Client, Emittable, JsonResult, NoStream, SendFuture, Sendable, Streamable};
use crate::metadata::Id;
use crate::pattern::{Pattern, Route};
use crate::peer::{EventPeer, Peer};
use crate::routes::route_of;
use crate::stream::ItemStream;
use builder::Options;

/// A client of one remote service: a NestJS microservice with `Transport.TCP`, or a node of this crate. Cheap to clone,
/// and it works from any thread.
///
/// ```no_run
/// use nestling::TcpClient;
/// use nestling::prelude::*;
///
/// #[derive(Debug, Serialize, Deserialize, MessagePattern)]
/// #[message_pattern(cmd = "sum", response = i64, error = RpcError)]
/// struct Sum(Vec<i64>);
///
/// #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
/// #[event_pattern("order.created")]
/// struct OrderCreated { order_id: u64 }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let nest = TcpClient::connect("127.0.0.1:3000");
/// assert_eq!(nest.send(Sum(vec![1, 2])).await?, 3);
/// nest.emit(OrderCreated { order_id: 17 })?;
/// nest.close().await;
/// # Ok(())
/// # }
/// ```
///
/// # Connections
///
/// It connects at its first use, on the tokio runtime of that use, which must have I/O and time enabled; from then on it
/// may be used on any thread, with a runtime or without. When that runtime has ended, the next use connects on its own.
///
/// All requests share one connection, or as many as [`connections`](TcpClientBuilder::connections) says. A
/// [`stream`](Self::stream) has one of its own, so that a slow reader holds up nobody else, and is closed when its
/// reader is dropped, which tells the peer to stop.
///
/// A lost connection is made again at the next use, or at once if something waits or the client is
/// [`eager`](TcpClientBuilder::eager); the name is resolved anew each time. Attempts that fail are followed by longer and
/// longer waits.
///
/// # What becomes of what is sent
///
/// Every request settles: with its response; with [`Timeout`](crate::RequestError::Timeout); with
/// [`Transport`](crate::RequestError::Transport) if its connection is lost, or cannot be made. A request of which no byte
/// was written when a connection was lost goes to the next one.
///
/// An event is sent at most once: TCP does not say whether the peer has read it. While there is no connection events
/// wait, in order, until there is one.
///
/// When the last clone is dropped, what is queued is written, within 5 s, and the connections are closed, all without
/// waiting; [`close`](Self::close) waits for it.
#[derive(Clone)]
pub struct TcpClient {
    peer: Arc<TcpPeer>,
    client: Client,
}

impl TcpClient {
    /// A client of the service at `host:port`, or `tcp://host:port`, with the defaults of [`builder`](Self::builder). No
    /// I/O happens here.
    #[must_use]
    pub fn connect(address: impl AsRef<str>) -> Self {
        Self::builder(address).build()
    }

    /// Sets up a client of the service at `host:port`, or `tcp://host:port`.
    pub fn builder(address: impl AsRef<str>) -> TcpClientBuilder {
        TcpClientBuilder::new(address.as_ref())
    }

    fn new(options: Options) -> Self {
        let peer = Arc::new(TcpPeer::new(options));
        let client = Client::of_peer(Arc::clone(&peer) as Arc<dyn EventPeer>);
        Self { peer, client }
    }

    /// The same as a [`Client`]: a service that takes one can be handed this one.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// A client whose messages and events carry one more header.
    #[must_use]
    pub fn header(&self, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { peer: Arc::clone(&self.peer), client: self.client.header(name, value) }
    }

    /// A client whose messages and events carry this correlation id, whatever is in hand.
    #[must_use]
    pub fn correlation(&self, id: impl Into<Id>) -> Self {
        Self { peer: Arc::clone(&self.peer), client: self.client.correlation(id) }
    }

    /// Sends a message, as [`Client::send`] does. If the peer answers with a stream, its first value is the response.
    ///
    /// # Errors
    ///
    /// The future's output: [`RequestError`](crate::RequestError). An error of the peer's is
    /// [`Handler`](crate::RequestError::Handler) if it fits the message's error type, else
    /// [`Remote`](crate::RequestError::Remote), with the JSON as it came.
    pub fn send<P>(&self, message: P) -> SendFuture<P::Result>
    where
        P: Pattern + Message,
        P::Kind: NoStream<P> + Sendable<P>,
    {
        self.client.send(message)
    }

    /// As [`Client::send_json`].
    pub fn send_json(&self, pattern: impl Into<Value>, payload: impl Into<Value>) -> SendFuture<JsonResult> {
        self.client.send_json(pattern, payload)
    }

    /// Asks for a stream, as [`Client::stream`] does, over a connection of its own. The peer is read from only as fast
    /// as the items are.
    ///
    /// # Errors
    ///
    /// The last item: as [`send`](Self::send).
    pub fn stream<P>(&self, message: P) -> P::Result
    where
        P: Pattern + Message,
        P::Kind: Streamable<P>,
    {
        self.client.stream(message)
    }

    /// As [`Client::stream_json`].
    pub fn stream_json(
        &self,
        pattern: impl Into<Value>,
        payload: impl Into<Value>,
    ) -> ItemStream<Value, Value> {
        self.client.stream_json(pattern, payload)
    }

    /// Emits an event. It is queued, and sent as soon as there is a connection; one emitter's events are sent in the order
    /// in which they were emitted.
    ///
    /// # Errors
    ///
    /// [`Unsent`], with the event: the queue is full, there is no runtime to connect on, the client was closed, or the
    /// event cannot be serialised.
    pub fn emit<P: Pattern>(&self, event: P) -> Result<(), Unsent<P>>
    where
        P::Kind: NoStream<P> + Emittable<P>,
    {
        self.emit_on(route_of::<P>(), event)
    }

    /// As [`emit`](Self::emit), for an event whose pattern and payload are known only now.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit).
    pub fn emit_json(
        &self,
        pattern: impl Into<Value>,
        payload: impl Into<Value>,
    ) -> Result<(), Unsent<Value>> {
        self.emit_on(Route::of(&pattern.into()), payload.into())
    }

    fn emit_on<T: serde::Serialize + 'static>(&self, route: Route, event: T) -> Result<(), Unsent<T>> {
        let metadata = self.client.metadata(route);
        self.peer.emit_payload(&metadata, &event).map_err(|reason| {
            let reason = format!("`{}` could not be sent: {reason}", metadata.route());
            Unsent { event, reason }
        })
    }

    /// Where its connections stand: the status now, and each that follows; of changes in quick succession the last.
    /// It ends after [`Closed`](TcpStatus::Closed).
    pub fn status(&self) -> impl Stream<Item = TcpStatus> + Send + Unpin + use<> {
        self.peer.board.watch().boxed()
    }

    /// Takes nothing more, from any clone, writes what is queued, and closes the connections; within 5 s, and then
    /// without what is left. Requests that are not answered by then end with
    /// [`Transport`](crate::RequestError::Transport). Streams go on.
    pub async fn close(self) {
        self.peer.close();
        self.peer.board.closed().await;
    }

    /// What a node sends to.
    pub(crate) fn peer(&self) -> Arc<dyn EventPeer> {
        Arc::clone(&self.peer) as Arc<dyn EventPeer>
    }

    /// The service's address, as in `tcp://127.0.0.1:3000`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.peer.name()
    }
}

impl fmt::Debug for TcpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpClient").field("client", &self.client).finish()
    }
}
