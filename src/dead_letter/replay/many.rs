//! The replay of many letters.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Weak;

use futures::{StreamExt, stream};
use tokio::time::Interval;

use super::{ReplayError, ReplayOptions, ReplayReport, one};
use crate::dead_letter::keeper::Desk;
use crate::dead_letter::record::Status;
use crate::dead_letter::store::{Filter, Order};
use crate::metadata::Id;

/// How many letters are looked up at a time.
const PAGE: usize = 100;

/// Replays the new letters that match, for as long as `caller` lives.
pub(in crate::dead_letter) async fn many(
    desk: Desk,
    filter: Filter,
    options: ReplayOptions,
    caller: Weak<()>,
) -> ReplayReport {
    let mut report = ReplayReport::default();
    if !matches!(filter.status, None | Some(Status::New)) {
        return report;
    }
    let plan = Plan {
        // Replays may cause new letters, which are not meant.
        end: desk.core.origin.next_id(),
        left: filter.limit.unwrap_or(usize::MAX),
        filter: Filter { order: Order::OldestFirst, status: Some(Status::New), ..filter },
        found: VecDeque::new(),
        pace: options.pace(),
        desk: desk.clone(),
    };
    let stopped = Cell::new(false);
    let due = stream::unfold(plan, |mut plan| {
        let go_on = !stopped.get() && caller.strong_count() > 0;
        async move {
            let next = if go_on { plan.next().await? } else { return None };
            Some((next, plan))
        }
    });
    let replays = due.map(|next| async {
        let id = next?;
        one(&desk, &id).await
    });
    let mut replays = std::pin::pin!(replays.buffer_unordered(options.at_once));
    while let Some(result) = replays.next().await {
        report.add(result);
        stopped.set(report.error.is_some());
    }
    report
}

/// The letters to replay, one after the other.
struct Plan {
    desk: Desk,
    filter: Filter,
    end: Id,
    left: usize,
    found: VecDeque<Id>,
    pace: Option<Interval>,
}

impl Plan {
    async fn next(&mut self) -> Option<Result<Id, ReplayError>> {
        if self.desk.core.is_closing() {
            // Said once: the error ends the replay.
            return Some(Err(ReplayError::Closed));
        }
        if self.found.is_empty()
            && let Err(error) = self.look_up().await
        {
            return Some(Err(error));
        }
        let id = self.found.pop_front()?;
        if let Some(pace) = &mut self.pace {
            pace.tick().await;
        }
        Some(Ok(id))
    }

    async fn look_up(&mut self) -> Result<(), ReplayError> {
        if self.left == 0 {
            return Ok(());
        }
        self.filter.limit = Some(self.left.min(PAGE));
        let filter = self.filter.clone();
        let page = self.desk.read(move |store| store.list(&filter)).await?;
        self.found = page.into_iter().map(|letter| letter.id).take_while(|id| *id < self.end).collect();
        self.left -= self.found.len();
        if let Some(last) = self.found.back() {
            self.filter.after = Some(last.clone());
        }
        Ok(())
    }
}
