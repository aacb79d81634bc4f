//! NestJS's TCP transport.

mod client;
mod metadata;

pub use client::{TcpClient, TcpClientBuilder, TcpStatus, Unsent};
