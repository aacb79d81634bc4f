//! A service that listens itself, on NestJS's TCP wire.

mod address;
mod connection;

pub(crate) use address::TcpAddress;
pub(crate) use connection::{Connection, closed, lost};
