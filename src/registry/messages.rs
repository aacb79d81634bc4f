//! What the registry is told.

use std::sync::Arc;
use std::time::Duration;

use actix::Message;
use tokio::sync::oneshot;

use super::table::Interest;
use crate::dead_letter::Redelivery;
use crate::event::SharedEvent;
use crate::supervisor::{Confirmed, Inbox, Target};

/// Deliver an event to all who subscribe to it.
pub(crate) struct Broadcast(pub(crate) SharedEvent);

/// Deliver an event to each subscriber as soon as it has room, and say when all have it.
pub(crate) struct BroadcastConfirmed {
    pub(crate) event: SharedEvent,
    pub(crate) timeout: Duration,
    pub(crate) reply: oneshot::Sender<Outcome>,
}

/// How a confirmed broadcast ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) confirmed: Confirmed,
    pub(crate) timed_out: bool,
}

/// Deliver a dead letter's event to the one subscription that could not handle it.
pub(crate) struct Redeliver {
    pub(crate) event: SharedEvent,
    pub(crate) target: Target,
    /// How long to wait for room.
    pub(crate) timeout: Duration,
    pub(crate) reply: oneshot::Sender<Redelivery>,
}

/// Add a subscriber.
pub(crate) struct Subscribe {
    pub(crate) interests: Vec<Interest>,
    pub(crate) target: Target,
}

/// Take a service's subscriptions away and end it.
pub(crate) struct Unsubscribe {
    pub(crate) inbox: Arc<Inbox>,
}

/// The node ends.
pub(crate) struct Stop;

macro_rules! messages {
    ($($name:ident),+) => {
        $(impl Message for $name {
            type Result = ();
        })+
    };
}

messages!(Broadcast, BroadcastConfirmed, Redeliver, Subscribe, Unsubscribe, Stop);
