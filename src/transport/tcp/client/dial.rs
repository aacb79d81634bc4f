//! Making a connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};

use super::builder::Options;

/// How long a connection is quiet before the system asks whether the peer is still there, and how often then.
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// A connection, encrypted or not.
#[cfg(feature = "tls")]
pub(super) type Dialled =
    tokio_util::either::Either<TcpStream, Box<tokio_rustls::client::TlsStream<TcpStream>>>;

/// A connection.
#[cfg(not(feature = "tls"))]
pub(super) type Dialled = TcpStream;

/// Makes a connection. The name is resolved anew, and all its addresses are tried.
///
/// # Errors
///
/// Why there is none, naming the peer and each address.
pub(super) async fn dial(options: &Options) -> Result<Dialled, String> {
    let deadline = Instant::now() + options.connect_timeout;
    let failed = |cause: &str| format!("connecting to {} failed: {cause}", options.name);
    let late = |limit: Duration| format!("nothing within {limit:?}");
    let addresses: Vec<_> = match timeout_at(deadline, lookup_host(&options.address)).await {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return Err(failed(&format!("its name does not resolve: {error}"))),
        Err(_) => {
            return Err(failed(&format!("its name does not resolve: {}", late(options.connect_timeout))));
        }
    };
    if addresses.is_empty() {
        return Err(failed("its name has no address"));
    }
    let mut causes = Vec::new();
    for (tried, address) in addresses.iter().enumerate() {
        // An address that answers nothing must leave time for the others.
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        match timeout(share, open(*address, options)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => causes.push(format!("{address}: {error}")),
            Err(_) => causes.push(format!("{address}: {}", late(share))),
        }
    }
    Err(failed(&causes.join("; ")))
}

async fn open(address: SocketAddr, options: &Options) -> io::Result<Dialled> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE_INTERVAL);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    encrypted(stream, options).await
}

#[cfg(feature = "tls")]
async fn encrypted(stream: TcpStream, options: &Options) -> io::Result<Dialled> {
    use tokio_util::either::Either;

    let Some(tls) = &options.tls else { return Ok(Either::Left(stream)) };
    let host = options.address.rsplit_once(':').map_or(&*options.address, |(host, _)| host);
    Ok(Either::Right(Box::new(tls.connect(stream, host).await?)))
}

#[cfg(not(feature = "tls"))]
async fn encrypted(stream: TcpStream, _: &Options) -> io::Result<Dialled> {
    Ok(stream)
}
