//! Where a service runs.

use actix_rt::ArbiterHandle;

/// Where a service runs. A hop between threads costs tens of microseconds where a local one costs less than one,
/// so keep services that talk to each other together.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Placement {
    /// On the thread that starts the node.
    #[default]
    Here,
    /// On an arbiter.
    On(ArbiterHandle),
    /// On a thread of its own, which needs no actix `System`. For handlers that block.
    Dedicated,
}
