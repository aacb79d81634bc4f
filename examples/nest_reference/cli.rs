//! The command line.

use std::net::SocketAddr;

use clap::{Args, Parser};

/// The reference service of the wire tests, for any NestJS client.
///
/// Ctrl-C ends it, once it has answered what it was asked.
#[derive(Debug, Parser)]
#[command(name = "nest_reference")]
pub(crate) struct Cli {
    #[command(flatten)]
    transports: Transports,
}

/// Where it is reached: by one transport at least.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Transports {
    /// Serve NestJS's TCP transport at this address; port 0 is any that is free
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) tcp: Option<SocketAddr>,

    /// Serve NestJS's NATS transport by this server: nats://HOST:PORT
    #[cfg(feature = "nats")]
    #[arg(long, value_name = "URL")]
    pub(crate) nats: Option<String>,
}

impl std::ops::Deref for Cli {
    type Target = Transports;

    fn deref(&self) -> &Transports {
        &self.transports
    }
}
