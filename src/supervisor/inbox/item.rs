//! What lanes hold.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::dead_letter::{History, Redelivery};
use crate::event::SharedEvent;
use crate::supervisor::call::AnyCall;

/// One event on its way to one subscription.
pub(in crate::supervisor) struct Item {
    pub(in crate::supervisor) subscription: u32,
    /// Which attempt comes next: 1 is the first.
    pub(in crate::supervisor) attempt: u32,
    pub(in crate::supervisor) event: SharedEvent,
    /// What only a few items have, kept out of the others' way.
    pub(in crate::supervisor) extra: Option<Box<Extra>>,
}

/// What an item has that failed before, or that is a replay.
#[derive(Default)]
pub(in crate::supervisor) struct Extra {
    pub(in crate::supervisor) history: Option<History>,
    /// When its first attempt failed.
    pub(in crate::supervisor) since: Option<Instant>,
    /// Is told how the replay ended.
    pub(in crate::supervisor) replay: Option<oneshot::Sender<Redelivery>>,
}

impl Item {
    pub(in crate::supervisor) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }
}

/// One request in the lane.
pub(in crate::supervisor) struct QueuedCall {
    pub(in crate::supervisor) handler: u32,
    pub(in crate::supervisor) call: Arc<dyn AnyCall>,
    pub(in crate::supervisor) deadline: Option<Instant>,
    /// The sender's timeout, for its error.
    pub(in crate::supervisor) after: Duration,
}
