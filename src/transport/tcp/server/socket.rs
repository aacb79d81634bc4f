//! What a connection needs of its stream.

use futures::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::TcpStream;

/// A stream of bytes that can tell whether its peer has gone, also while it is not read.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin {
    /// Whether the peer sends nothing any more. What it has sent may still be there to be read.
    fn is_hung_up(&self) -> bool;
}

impl Socket for TcpStream {
    fn is_hung_up(&self) -> bool {
        let ready = self.ready(Interest::READABLE).now_or_never();
        ready.is_some_and(|ready| ready.is_ok_and(|ready| ready.is_read_closed()))
    }
}

#[cfg(feature = "tls")]
impl Socket for tokio_rustls::server::TlsStream<TcpStream> {
    fn is_hung_up(&self) -> bool {
        self.get_ref().0.is_hung_up()
    }
}
