//! The server: listens, and runs a task for each connection.

mod connection;
mod limits;
mod listener;
mod outbox;
mod packets;
mod socket;
mod turns;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use slab::Slab;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::options::Limits;
use crate::client::Core;
use crate::transport::replies::Ready;
use connection::Connection;
pub(crate) use listener::Bound;
use turns::Turns;

/// After how long a connection on which nothing comes is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// How many bytes the system takes of a connection before it has sent them.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT: u32 = 128 * 1024;

/// How long the listener rests after a failure: the process has no sockets left, say.
const REST: Duration = Duration::from_millis(100);

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    /// Until it is over.
    accepting: Option<JoinHandle<()>>,
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
    /// That there are as many as there may be has been logged.
    full: AtomicBool,
    /// A connection has ended.
    ended: Notify,
    turns: Turns,
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
        if !address.ip().is_loopback() && !options.is_secret() {
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
            full: AtomicBool::new(false),
            ended: Notify::new(),
            turns: Turns::default(),
        });
        let accepting = Some(actix_rt::spawn(accept(listener, Arc::clone(&shared))));
        Ok(Self { address, shared, accepting })
    }

    /// Lets nobody in any more.
    pub(crate) fn stop_accepting(&self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }

    /// Lets the connections answer what is in flight, and ends them; those that take longer than `limit` are still
    /// there. The port is free afterwards.
    pub(crate) async fn close(&mut self, limit: Duration) {
        self.stop_accepting();
        if let Some(accepting) = self.accepting.take() {
            // It has been aborted, and the socket goes with it.
            let _ = accepting.await;
        }
        self.shared.closing.store(true, Ordering::Release);
        for (_, connection) in &*self.shared.connections() {
            connection.wake();
        }
        self.all_ended(limit).await;
    }

    /// Ends the connections that are left, whatever they are about.
    pub(crate) async fn cut_off(&mut self, limit: Duration) {
        self.abort();
        self.all_ended(limit).await;
    }

    async fn all_ended(&self, limit: Duration) {
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

    fn abort(&self) {
        self.stop_accepting();
        self.shared.closing.store(true, Ordering::Release);
        for (_, connection) in &*self.shared.connections() {
            connection.abort();
        }
    }

    /// How many peers are connected.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.abort();
    }
}

impl Shared {
    /// How long a request may take.
    fn request_timeout(&self) -> Duration {
        self.limits.request_timeout.unwrap_or(self.core.request_timeout)
    }

    fn connections(&self) -> MutexGuard<'_, Slab<Arc<Ready>>> {
        self.connections.lock()
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
            // Somebody came and went.
            Err(error)
                if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
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
            // Once, until one ends: who is turned away may well come again at once.
            if !shared.full.swap(true, Ordering::AcqRel) {
                tracing::warn!(%peer, limit, "a connection was closed: there are as many as there may be");
            }
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
    let socket = SockRef::from(stream);
    // Its buffers would take megabytes, of which nothing tells for a while whether the peer reads any.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_notsent_lowat(UNSENT)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))
}

/// A connection's place among the others; given back when its task ends, however it does.
struct Place {
    shared: Arc<Shared>,
    key: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.connections().try_remove(self.key);
        self.shared.full.store(false, Ordering::Release);
        self.shared.ended.notify_one();
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, ready: Arc<Ready>, place: Place) {
    let shared = &place.shared;
    #[cfg(feature = "tls")]
    if let Some(tls) = &shared.tls {
        // In a box of its own: connections without TLS are not to be as large as those with it.
        return Box::pin(serve_tls(tls, stream, peer, ready, shared)).await;
    }
    Connection::new(stream, peer, ready, Arc::clone(shared)).run().await;
}

#[cfg(feature = "tls")]
async fn serve_tls(
    tls: &super::tls::ServerTls,
    stream: TcpStream,
    peer: SocketAddr,
    ready: Arc<Ready>,
    shared: &Arc<Shared>,
) {
    let handshake = tokio::time::timeout(shared.limits.frame_time, tls.accept(stream));
    // The handshake's own memory is given back with it.
    match while_open(&ready, shared, Box::pin(handshake)).await {
        Some(Ok(Ok(stream))) => Connection::new(stream, peer, ready, Arc::clone(shared)).run().await,
        Some(Ok(Err(error))) => tracing::warn!(%peer, %error, "a TLS handshake failed"),
        Some(Err(_)) => tracing::warn!(%peer, "a TLS handshake took too long"),
        None => tracing::debug!(%peer, "a TLS handshake was cut off: the node ends"),
    }
}

/// Runs `work` for as long as the server lets connections begin.
#[cfg(feature = "tls")]
async fn while_open<T>(ready: &Ready, shared: &Shared, work: impl Future<Output = T>) -> Option<T> {
    use std::task::Poll;

    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|cx| {
        ready.set_waker(cx.waker());
        if ready.is_aborted() || shared.is_closing() {
            Poll::Ready(None)
        } else {
            work.as_mut().poll(cx).map(Some)
        }
    })
    .await
}
