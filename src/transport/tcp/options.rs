//! How a node listens.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How a node listens on TCP, in NestJS's wire format: [`NodeBuilder::listen`](crate::NodeBuilder::listen).
///
/// NestJS clients (10 and later), Nestling's [`TcpClient`](crate::TcpClient) and the tool `nestling` talk to it. All
/// limits hold for each connection, so that a peer that floods, dribbles or does not read harms nobody but itself.
///
/// ```
/// use nestling::prelude::*;
/// use nestling::Tcp;
///
/// # async fn example() -> Result<(), StartError> {
/// let node = Node::builder("shop").listen(Tcp::port(3000)).start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is given to `NodeBuilder::listen`"]
pub struct Tcp {
    pub(super) address: SocketAddr,
    pub(super) public: bool,
    pub(super) limits: Limits,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<super::tls::ServerTls>,
}

/// What one connection may do.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) connections: usize,
    pub(super) frame: usize,
    pub(super) buffered: usize,
    pub(super) in_flight: usize,
    pub(super) frame_time: Duration,
    pub(super) idle_time: Duration,
    pub(super) request_timeout: Option<Duration>,
}

impl Tcp {
    /// Listens on a port of this machine alone (127.0.0.1). Port 0 is any that is free:
    /// [`Node::listening`](crate::Node::listening) tells which.
    pub fn port(port: u16) -> Self {
        Self::address(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// Listens on an address. One that other machines reach needs [`public`](Self::public) too.
    pub fn address(address: impl Into<SocketAddr>) -> Self {
        Self {
            address: address.into(),
            public: false,
            limits: Limits {
                connections: 10_000,
                frame: 16 * 1024 * 1024,
                buffered: 256 * 1024,
                in_flight: 1_024,
                frame_time: Duration::from_secs(30),
                idle_time: Duration::from_secs(60 * 60),
                request_timeout: None,
            },
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Lets other machines in. After [`port`](Self::port) it listens on all addresses of this one. There is neither
    /// a password nor, without TLS, any secrecy in NestJS's protocol.
    pub fn public(mut self) -> Self {
        self.public = true;
        if self.address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
            self.address.set_ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        }
        self
    }

    /// How many connections there may be; 10,000 by default. One beyond is closed at once.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections;
        self
    }

    /// How many bytes a frame may have; 16 MiB by default. A longer one closes the connection. A connection buffers
    /// no more than this and 128 KiB of what it reads.
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.limits.frame = bytes;
        self
    }

    /// How many bytes of replies a connection buffers before it makes further ones; 256 KiB by default. What it
    /// buffers exceeds this by one reply at the most. While a peer does not read its replies, its requests are not
    /// read either.
    pub fn max_buffered(mut self, bytes: usize) -> Self {
        self.limits.buffered = bytes.max(1);
        self
    }

    /// How many requests of a connection may be in flight; 1,024 by default. While there are as many, or their frames
    /// take 16 MiB (or [`max_frame`](Self::max_frame), if that is more), the socket is not read.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.limits.in_flight = requests.max(1);
        self
    }

    /// How long a frame may take from its first byte to its last, a TLS handshake from its begin to its end, and a
    /// peer to read anything of the replies that wait for it; 30 s by default. A slower one closes the connection. It
    /// is kept to within a half.
    pub fn frame_time(mut self, time: Duration) -> Self {
        self.limits.frame_time = time;
        self
    }

    /// How long a connection may go without a frame while no request of it is in flight; an hour by default. Then it
    /// is closed. It is kept to within a half. NestJS's client opens a new connection with its next call.
    pub fn idle_time(mut self, time: Duration) -> Self {
        self.limits.idle_time = time;
        self
    }

    /// How long a request may take, from when it was read; the node's own
    /// [`request_timeout`](crate::NodeBuilder::request_timeout) by default. NestJS's peers say nothing of theirs.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.limits.request_timeout = Some(timeout);
        self
    }

    /// Speaks TLS, and nothing else: a peer that does not is turned away.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: super::tls::ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Why it must not listen, if so.
    pub(super) fn problem(&self) -> Option<String> {
        (!self.public && !self.address.ip().is_loopback()).then(|| {
            format!(
                "{} can be reached from other machines: say so by `.public()`, or listen on 127.0.0.1",
                self.address
            )
        })
    }

    /// Whether what goes over it is encrypted.
    pub(super) fn is_secret(&self) -> bool {
        #[cfg(feature = "tls")]
        {
            self.tls.is_some()
        }
        #[cfg(not(feature = "tls"))]
        {
            false
        }
    }
}
