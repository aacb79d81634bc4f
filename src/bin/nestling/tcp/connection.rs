//! One connection to a service.

use std::time::Duration;

use nestling::__private::tool::{Part, Replies};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::TcpAddress;
use crate::failure::Failure;
use crate::waiting::within;

/// A connection, and what has come on it.
pub(crate) struct Connection {
    stream: TcpStream,
    address: TcpAddress,
    replies: Replies,
}

impl Connection {
    /// Connects within `limit`.
    pub(crate) async fn open(address: &TcpAddress, limit: Duration) -> Result<Self, Failure> {
        let stream = within(limit, address, "no connection", async {
            let stream = TcpStream::connect(address.host_and_port()).await;
            stream
                .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
                .map_err(|error| lost(address, &error))
        });
        Ok(Self { stream: stream.await?, address: address.clone(), replies: Replies::default() })
    }

    /// Hands everything to the socket.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(bytes).await.map_err(|error| lost(&self.address, &error))
    }

    /// Says that nothing follows.
    pub(crate) async fn finish(&mut self) -> Result<(), Failure> {
        self.stream.shutdown().await.map_err(|error| lost(&self.address, &error))
    }

    /// Waits for the next part of a response.
    pub(crate) async fn next<T>(&mut self, mut take: impl FnMut(Part<'_>) -> T) -> Result<T, Failure> {
        loop {
            let mut taken = None;
            let there = self.replies.next(|_, part| taken = Some(take(part)));
            let there = there.map_err(|error| Failure::Unreachable(format!("{}: {error}", self.address)))?;
            if let Some(taken) = taken {
                return Ok(taken);
            }
            if !there {
                let read = self.stream.read_buf(self.replies.space()).await;
                if read.map_err(|error| lost(&self.address, &error))? == 0 {
                    return Err(closed(&self.address));
                }
            }
        }
    }

    /// Whom it is to.
    pub(crate) fn address(&self) -> &TcpAddress {
        &self.address
    }

    /// The socket, and what is read from it.
    pub(crate) fn into_parts(self) -> (TcpStream, Replies) {
        (self.stream, self.replies)
    }
}

/// The socket failed.
pub(crate) fn lost(address: &TcpAddress, error: &std::io::Error) -> Failure {
    Failure::Unreachable(format!("{address}: {error}"))
}

/// The service closed the connection.
pub(crate) fn closed(address: &TcpAddress) -> Failure {
    Failure::Unreachable(format!("{address}: the service closed the connection before it answered"))
}
