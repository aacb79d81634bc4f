//! How a node reaches other processes, and they reach it: one folder a transport.

mod metadata;
#[cfg(feature = "nats")]
pub(crate) mod nats;
#[cfg(feature = "tcp")]
pub(crate) mod tcp;
