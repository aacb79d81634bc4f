//! The server: listens, and runs a task for each connection.

mod connection;
mod limits;
mod packets;
mod replies;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use slab::Slab;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::options::{Limits, Tcp};
use crate::client::Core;
use connection::Connection;
use replies::Ready;

/// After how long a connection on which nothing comes is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// How long the listener rests after a failure: the process has no sockets left, say.
const REST: Duration = Duration::from_millis(100);

/// A socket that listens, before anyone is let in.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: std::net::TcpListener,
    address: SocketAddr,
    options: Tcp,
}

impl Bound {
    /// Takes the address.
    ///
    /// # Errors
    ///
    /// Why it cannot be taken, or must not.
    pub(crate) fn new(options: Tcp) -> Result<Self, (SocketAddr, String)> {
        let address = options.address;
        if let Some(problem) = options.problem() {
            return Err((address, problem));
        }
        let bound = || {
            let listener = std::net::TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok::<_, std::io::Error>((listener, address))
        };
        let (listener, address) = bound().map_err(|error| (address, error.to_string()))?;
        Ok(Self { listener, address, options })
    }
}

impl Bound {
    /// Where it listens: with the port that was free, if it was to be any.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What the connections of a server share.
pub(super) struct Shared {
    core: Arc<Core>,
    limits: Limits,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::ServerTls>,
    /// Connections read no more, answer what is in flight, and end.
    closing: AtomicBool,
    connections: Mutex<Slab<Arc<Ready>>>,
    /// A connection has ended.
    ended: Notify,
}

impl Server {
    /// Begins to let peers in.
    ///
    /// # Errors
    ///
    /// If the runtime takes no sockets.
    pub(crate) fn start(bound: Bound, core: Arc<Core>) -> std::io::Result<Self> {
        let Bound { listener, address, options } = bound;
        let listener = TcpListener::from_std(listener)?;
        if options.public && !options.is_secret() {
            tracing::warn!(
                node = &*core.name,
                %address,
                "other machines can reach this node, and what they send is not encrypted",
            );
        }
        tracing::info!(node = &*core.name, %address, "listening");
        let shared = Arc::new(Shared {
            core,
            limits: options.limits,
            #[cfg(feature = "tls")]
            tls: options.tls,
            closing: AtomicBool::new(false),
            connections: Mutex::default(),
            ended: Notify::new(),
        });
        let accepting = actix_rt::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Lets nobody in any more.
    pub(crate) fn stop_accepting(&self) {
        self.accepting.abort();
    }

    /// Lets the connections answer what is in flight, and ends them; what takes longer than `limit` is cut off when
    /// the server is dropped.
    pub(crate) async fn close(&self, limit: Duration) {
        self.stop_accepting();
        self.shared.closing.store(true, Ordering::Release);
        for (_, connection) in &*self.shared.connections() {
            connection.wake();
        }
        let all_ended = async {
            loop {
                let ended = self.shared.ended.notified();
                if self.shared.connections().is_empty() {
                    return;
                }
                ended.await;
            }
        };
        let _ = tokio::time::timeout(limit, all_ended).await;
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        for (_, connection) in &*self.shared.connections() {
            connection.abort();
        }
    }
}

impl Shared {
    fn connections(&self) -> MutexGuard<'_, Slab<Arc<Ready>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("limits", &self.limits).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => admit(stream, peer, &shared),
            Err(error) => {
                tracing::error!(node = &*shared.core.name, %error, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

fn admit(stream: TcpStream, peer: SocketAddr, shared: &Arc<Shared>) {
    let ready = Arc::new(Ready::default());
    let key = {
        let mut connections = shared.connections();
        if connections.len() >= shared.limits.connections {
            drop(connections);
            let limit = shared.limits.connections;
            tracing::warn!(%peer, limit, "a connection was closed: there are as many as there may be");
            return;
        }
        connections.insert(Arc::clone(&ready))
    };
    if let Err(error) = prepare(&stream) {
        tracing::debug!(%peer, %error, "a socket's options could not be set");
    }
    let place = Place { shared: Arc::clone(shared), key };
    actix_rt::spawn(serve(stream, peer, ready, place));
}

fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))
}

/// A connection's place among the others; given back when its task ends, however it does.
struct Place {
    shared: Arc<Shared>,
    key: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.connections().try_remove(self.key);
        self.shared.ended.notify_one();
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, ready: Arc<Ready>, place: Place) {
    let shared = &place.shared;
    #[cfg(feature = "tls")]
    if let Some(tls) = &shared.tls {
        return match tokio::time::timeout(shared.limits.frame_time, tls.accept(stream)).await {
            Ok(Ok(stream)) => Connection::new(stream, peer, ready, Arc::clone(shared)).run().await,
            Ok(Err(error)) => tracing::warn!(%peer, %error, "a TLS handshake failed"),
            Err(_) => tracing::warn!(%peer, "a TLS handshake took too long"),
        };
    }
    Connection::new(stream, peer, ready, Arc::clone(shared)).run().await;
}
