//! How a client is set up.

use std::sync::Arc;
use std::time::Duration;

use super::TcpClient;
use crate::supervisor::Backoff;
#[cfg(feature = "tls")]
use crate::transport::tcp::ClientTls;

/// What a client's connections go by.
#[derive(Debug, Clone)]
pub(super) struct Options {
    /// `host:port`.
    pub(super) address: String,
    /// `tcp://host:port`, in errors and logs.
    pub(super) name: Arc<str>,
    pub(super) connections: usize,
    pub(super) queue: usize,
    pub(super) queue_bytes: usize,
    pub(super) request_timeout: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) reconnect: Backoff,
    pub(super) max_frame: usize,
    pub(super) eager: bool,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<ClientTls>,
}

/// Sets up a [`TcpClient`].
///
/// ```no_run
/// # use nestling::TcpClient;
/// # use std::time::Duration;
/// let prices = TcpClient::builder("prices.internal:3000")
///     .connections(2)
///     .request_timeout(Duration::from_secs(2))
///     .build();
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct TcpClientBuilder {
    options: Options,
}

impl TcpClientBuilder {
    pub(super) fn new(address: &str) -> Self {
        let address = address.strip_prefix("tcp://").unwrap_or(address);
        let options = Options {
            address: address.to_owned(),
            name: format!("tcp://{address}").into(),
            connections: 1,
            queue: 10_000,
            queue_bytes: 64 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            reconnect: Backoff::new(Duration::from_millis(50), 2.0, Duration::from_secs(1)),
            max_frame: 16 * 1024 * 1024,
            eager: false,
            #[cfg(feature = "tls")]
            tls: None,
        };
        Self { options }
    }

    /// How many connections it has; 1 unless set. Requests take them in turn; events all go through the first, so that
    /// they stay in order. Streams have connections of their own, whatever this says.
    pub fn connections(mut self, connections: usize) -> Self {
        self.options.connections = connections.max(1);
        self
    }

    /// How many requests a connection may have that are not answered, and how many events that are not written; 10,000
    /// each unless set. Past it a request is [`Overloaded`](crate::RequestError::Overloaded), and an event is given back.
    pub fn queue(mut self, bound: usize) -> Self {
        self.options.queue = bound.max(1);
        self
    }

    /// How many bytes of requests and events may wait to be written to a connection; 64 MiB unless set. Past it they
    /// are refused as beyond [`queue`](Self::queue). One that is larger by itself is taken if nothing else waits.
    pub fn queue_bytes(mut self, bound: usize) -> Self {
        self.options.queue_bytes = bound;
        self
    }

    /// How long a request waits that says nothing else; 30 s unless set. From 5 s on it is kept to within half a
    /// second.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.options.request_timeout = timeout;
        self
    }

    /// How long an attempt to connect may take, over all the addresses that the name resolves to; 5 s unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        // The clock has an end, and no attempt takes that long.
        self.options.connect_timeout = timeout.min(Duration::from_secs(24 * 60 * 60));
        self
    }

    /// How long it waits between attempts to connect that fail; from 50 ms, doubling, to 1 s unless set, each drawn
    /// between half of that and all of it.
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.options.reconnect = backoff;
        self
    }

    /// The longest response that is read, in bytes; 16 MiB unless set. A longer one closes the connection.
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.options.max_frame = bytes;
        self
    }

    /// Connects when it is built, and stays connected while nothing is sent. Without it a connection is made at the
    /// first use, and a lost one at the next.
    pub fn eager(mut self) -> Self {
        self.options.eager = true;
        self
    }

    /// Encrypts its connections. The peer's certificate must be for the host of its address, unless
    /// [`server_name`](ClientTls::server_name) says otherwise. Time for the handshake is part of the time to connect.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: ClientTls) -> Self {
        self.options.tls = Some(tls);
        self
    }

    /// The client. No I/O happens here, but for an [`eager`](Self::eager) one that is built inside a tokio runtime.
    #[must_use]
    pub fn build(self) -> TcpClient {
        TcpClient::new(self.options)
    }
}
