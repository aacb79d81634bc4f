//! NestJS's TCP transport: a server that NestJS clients call, and a client that calls NestJS services.

mod client;
mod metadata;
mod options;
mod server;
#[cfg(feature = "tls")]
mod tls;

pub use client::{TcpClient, TcpClientBuilder, TcpStatus, Unsent};
pub use options::Tcp;
pub(crate) use server::{Bound, Server};
#[cfg(feature = "tls")]
pub use tls::{ClientTls, ServerTls, TlsError};
