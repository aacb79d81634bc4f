//! How a node reaches other processes, and they reach it: one folder a transport.

pub(crate) mod tcp;
