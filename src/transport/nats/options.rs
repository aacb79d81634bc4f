//! How a node reaches NATS.

use std::path::PathBuf;
use std::time::Duration;

/// How a node reaches NATS: [`NodeBuilder::connect`](crate::NodeBuilder::connect).
///
/// ```no_run
/// use std::time::Duration;
///
/// use nestling::Nats;
/// use nestling::prelude::*;
///
/// # async fn example() -> Result<(), StartError> {
/// let nats = Nats::url("nats://127.0.0.1:4222").connect_timeout(Duration::from_secs(2));
/// let node = Node::builder("shop").connect(nats).start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it is given to `NodeBuilder::connect`"]
pub struct Nats {
    pub(super) urls: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) auth: Auth,
    pub(super) tls: Tls,
    pub(super) connect_timeout: Duration,
    pub(super) keep_trying: bool,
    /// The first wait before a connection is made again, and the longest.
    pub(super) reconnect_waits: (Duration, Duration),
    pub(super) inbox_prefix: Option<String>,
    /// NATS's own tools see the node's services.
    pub(super) discovery: bool,
    pub(super) limits: Limits,
}

/// Who the node is to the server.
#[derive(Clone)]
pub(super) enum Auth {
    None,
    User { name: String, password: String },
    Token(String),
    Nkey(String),
    Credentials(PathBuf),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tls {
    pub(super) required: bool,
    pub(super) roots: Vec<PathBuf>,
    /// Certificate and key.
    pub(super) client: Option<(PathBuf, PathBuf)>,
}

/// What may be held in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Events that wait to be handed to the client.
    pub(super) events: usize,
    /// Durable events that were published and are not confirmed.
    pub(super) unconfirmed: usize,
    pub(super) bytes: usize,
    /// Requests of this node's that wait for their answers.
    pub(super) requests: usize,
    /// Requests of others that are not answered.
    pub(super) in_flight: usize,
}

impl Nats {
    /// The server at `nats://host:port`, or `tls://host:port`. Of several servers, in one text with commas, any that
    /// answers is taken, and the next one where it goes away.
    pub fn url(url: impl AsRef<str>) -> Self {
        Self::urls(url.as_ref().split(','))
    }

    /// Several servers of one cluster; see [`url`](Self::url).
    pub fn urls<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Self {
        Self {
            urls: urls.into_iter().map(|url| url.as_ref().trim().to_owned()).collect(),
            name: None,
            auth: Auth::None,
            tls: Tls::default(),
            connect_timeout: Duration::from_secs(5),
            keep_trying: false,
            reconnect_waits: (Duration::from_millis(10), Duration::from_secs(2)),
            inbox_prefix: None,
            discovery: true,
            limits: Limits {
                events: 100_000,
                unconfirmed: 4_096,
                bytes: 64 * 1024 * 1024,
                requests: 65_536,
                in_flight: 10_000,
            },
        }
    }

    /// The connection's name in the server's lists; the node's own by default.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says who the node is by name and password.
    pub fn user_and_password(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.auth = Auth::User { name: name.into(), password: password.into() };
        self
    }

    /// Says who the node is by a token.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.auth = Auth::Token(token.into());
        self
    }

    /// Says who the node is by the seed of an NKey (`SU..`), which does not leave the process.
    pub fn nkey(mut self, seed: impl Into<String>) -> Self {
        self.auth = Auth::Nkey(seed.into());
        self
    }

    /// Says who the node is by a credentials file (a JWT and its key), as `nsc` writes it.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.auth = Auth::Credentials(path.into());
        self
    }

    /// Speaks TLS, also where the server would do without.
    pub fn require_tls(mut self) -> Self {
        self.tls.required = true;
        self
    }

    /// Trusts the certificates in a PEM file, beside the system's.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.tls.roots.push(path.into());
        self
    }

    /// Shows the server a certificate, from PEM files.
    pub fn client_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.tls.client = Some((certificate.into(), key.into()));
        self
    }

    /// How long a connection may take to be made, at each server; 5 s by default. The node does not start if none is
    /// made by then, unless it is to [`keep_trying`](Self::keep_trying).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Starts the node also while no server answers, and tries until one does. A wrong URL is an error all the same.
    pub fn keep_trying(mut self) -> Self {
        self.keep_trying = true;
        self
    }

    /// How long to wait before a lost connection is made again: `first`, and then longer and longer up to `longest`. By
    /// default 10 ms and 2 s; the first attempt is made at once.
    pub fn reconnect_waits(mut self, first: Duration, longest: Duration) -> Self {
        self.reconnect_waits = (first, longest);
        self
    }

    /// What the node's inboxes begin with, in place of `_INBOX`: where its user may not subscribe to all of them. Who reads
    /// the node's streams must be allowed to publish there: that is how the node hears that a reader has gone.
    pub fn inbox_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.inbox_prefix = Some(prefix.into());
        self
    }

    /// Keeps the node's services out of what `nats micro ls`, `info` and `stats` show. By default each is known as
    /// `<node>-<service>`, with its message patterns as endpoints.
    pub fn without_discovery(mut self) -> Self {
        self.discovery = false;
        self
    }

    /// How many events wait in memory while the server is away, or slower than they are emitted; 100,000 by default. One
    /// beyond is a dead letter with reason `unreachable`, which can be replayed.
    pub fn buffered_events(mut self, events: usize) -> Self {
        self.limits.events = events.max(1);
        self
    }

    /// How many bytes the events that wait may take; 64 MiB by default. See
    /// [`buffered_events`](Self::buffered_events).
    pub fn buffered_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// How many durable events may be published and not confirmed by the broker at a time; 4,096 by default. Those behind
    /// them wait, and count as [`buffered_events`](Self::buffered_events).
    pub fn unconfirmed_events(mut self, events: usize) -> Self {
        self.limits.unconfirmed = events.max(1);
        self
    }

    /// How many requests of this node may wait for their answers; 65,536 by default. One beyond is refused as
    /// [`Overloaded`](crate::RequestError::Overloaded).
    pub fn max_requests(mut self, requests: usize) -> Self {
        self.limits.requests = requests.max(1);
        self
    }

    /// How many requests of others may be in flight in this node; 10,000 by default, and 64 MiB of their bodies. One
    /// beyond is answered at once that the node is overloaded: a server of NATS cannot be held back.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.limits.in_flight = requests.max(1);
        self
    }
}

/// Without what is secret.
impl std::fmt::Debug for Nats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nats")
            .field("servers", &super::connect::shown(&self.urls))
            .field("name", &self.name)
            .field("tls", &self.tls)
            .field("connect_timeout", &self.connect_timeout)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
