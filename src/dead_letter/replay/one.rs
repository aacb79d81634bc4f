//! The replay of one letter.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;

use super::{Redelivery, ReplayError, Replayed};
use crate::dead_letter::keeper::{Core, Desk};
use crate::dead_letter::record::{DeadLetter, Status};
use crate::dead_letter::store::{Change, Ended, Turned};
use crate::dead_letter::writer::Command;
use crate::metadata::Id;

/// Counts a replay as under way for as long as it lives.
pub(in crate::dead_letter) struct UnderWay(Arc<Core>);

impl UnderWay {
    /// `None` if the node is shutting down.
    pub(in crate::dead_letter) fn new(core: &Arc<Core>) -> Option<Self> {
        // Counted first: the shutdown sets its flag and then looks at the count.
        core.replays.send_modify(|under_way| *under_way += 1);
        let this = Self(Arc::clone(core));
        (!core.is_closing()).then_some(this)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.replays.send_modify(|under_way| *under_way -= 1);
    }
}

/// Replays one letter.
pub(in crate::dead_letter) async fn one(desk: &Desk, id: &Id) -> Result<Replayed, ReplayError> {
    let node = desk.core.node().ok_or(ReplayError::Closed)?;
    let wanted = id.clone();
    let claimed = desk.write(move |store| store.turn(&wanted, Status::New, Status::Replaying)).await?;
    let letter = match claimed {
        Turned::Turned(letter) => Arc::<DeadLetter>::from(letter),
        Turned::Is(status) => return Err(ReplayError::NotNew { id: id.clone(), status }),
        Turned::Unknown => return Err(ReplayError::Unknown { id: id.clone() }),
    };
    let redelivered = AssertUnwindSafe(async { node.redeliver.redeliver(Arc::clone(&letter)).await });
    let redelivered = redelivered
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Redelivery::NotTaken("its delivery panicked".to_owned()));
    let (ended, result) = match redelivered {
        Redelivery::Handled => (Ended::Handled, Ok(Replayed::Handled)),
        // Buried again already, which this comes behind: it matters only if that letter was lost on its way.
        Redelivery::Failed => (Ended::Failed, Ok(Replayed::Failed)),
        Redelivery::NotTaken(problem) => {
            (Ended::NotTaken, Err(ReplayError::NotTaken { id: id.clone(), problem }))
        }
    };
    desk.submit(Command::Settle(Change::Settle { id: id.clone(), replay_count: letter.replay_count, ended }));
    // If the store fails now, it is logged there, and the end of this replay waits with the letters.
    let _ = desk.flush().await;
    result
}
