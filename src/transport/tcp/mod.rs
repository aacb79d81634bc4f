//! NestJS's TCP transport: a server that NestJS clients call, and a client that calls NestJS services.

mod client;
mod metadata;
mod options;
mod server;

pub use client::{TcpClient, TcpClientBuilder, TcpStatus, Unsent};
pub use options::Tcp;
pub(crate) use server::{Bound, Server};
