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

/// Makes a connection. The name is resolved anew, and all its addresses are tried.
///
/// # Errors
///
/// Why there is none, naming the peer and each address.
pub(super) async fn dial(options: &Options) -> Result<TcpStream, String> {
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
        match timeout(share, open(*address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => causes.push(format!("{address}: {error}")),
            Err(_) => causes.push(format!("{address}: {}", late(share))),
        }
    }
    Err(failed(&causes.join("; ")))
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE_INTERVAL);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}
