//! TLS, by rustls: [`ServerTls`] for a node that listens, [`ClientTls`] for a client.

mod client;
mod error;
mod pem;
mod server;
#[cfg(test)]
mod tests;

pub use client::ClientTls;
pub use error::TlsError;
pub use server::ServerTls;
