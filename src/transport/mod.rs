//! The ways to other processes, a folder each.

pub(crate) mod tcp;
