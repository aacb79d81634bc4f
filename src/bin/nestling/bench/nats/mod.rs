//! The load on services behind a NATS server.

pub(super) mod asking;
pub(super) mod emitting;
