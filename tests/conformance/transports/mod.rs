//! The transports: a file each, behind its cargo feature.

pub(crate) mod in_process;
#[cfg(feature = "nats")]
pub(crate) mod jetstream;
#[cfg(feature = "nats")]
pub(crate) mod nats;
#[cfg(feature = "tcp")]
pub(crate) mod tcp;
