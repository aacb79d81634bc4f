//! The load on services that listen themselves.

pub(super) mod asking;
pub(super) mod emitting;
