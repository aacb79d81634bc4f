//! A socket that listens, before anyone is let in.

use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

use super::super::options::Tcp;

/// How many connections the system keeps that have not been accepted yet.
const WAITING: i32 = 1_024;

/// A socket that listens.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(super) listener: std::net::TcpListener,
    pub(super) address: SocketAddr,
    pub(super) options: Tcp,
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
        let (listener, address) = listen(address).map_err(|error| (address, error.to_string()))?;
        Ok(Self { listener, address, options })
    }

    /// Where it listens: with the port that was free, if it was to be any.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn listen(address: SocketAddr) -> std::io::Result<(std::net::TcpListener, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows it would let another process take the port too.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(WAITING)?;
    let listener = std::net::TcpListener::from(socket);
    let address = listener.local_addr()?;
    Ok((listener, address))
}
