//! The client's side: requests over one inbox, in which a token tells whose answer came.
//!
//! | file | what it says |
//! |---|---|
//! | `calls` | what callers leave for the task of the inbox |
//! | `inbox` | the task: answers, deadlines |
//! | `encode` | requests as messages |
//! | `peer` | NATS as the peer that answers what nobody here does |
//! | `confirming` | whether something is with the server |

mod calls;
mod confirming;
mod encode;
mod inbox;
mod peer;

pub(super) use calls::Calls;
pub(super) use confirming::Confirming;
pub(super) use inbox::Inbox;
pub(super) use peer::NatsPeer;
