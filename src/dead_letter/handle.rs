//! What users do with dead letters.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{Either, select};
use tokio::sync::oneshot;

use super::keeper::{Desk, Node, Run, Stop};
use super::live::LetterStream;
use super::record::{DeadLetter, Status};
use super::replay::{self, Announce, Redeliver, ReplayError, ReplayOptions, ReplayReport, Replayed};
use super::stats::DeadLetterStats;
use super::store::{Filter, Group, Page, StoreError, Turned};
use super::writer::Command;
use crate::metadata::Id;

/// The dead letters of a node, from [`Node::dead_letters`](crate::Node::dead_letters). It is cheap to clone and
/// works from any thread and any runtime.
///
/// Every question is answered after all that was buried before it was asked.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    desk: Arc<Desk>,
}

impl DeadLetters {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    /// The letters that match: a page of at most [`Filter::limit`] (100 if it is not set), the newest first.
    ///
    /// # Errors
    ///
    /// If the store cannot be read, or the node has shut down.
    pub async fn list(&self, filter: Filter) -> Result<Page, StoreError> {
        self.desk.read(move |store| store.list(&filter)).await
    }

    /// The letters that match, grouped by what they have in common, the largest group first.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn groups(&self, filter: Filter) -> Result<Vec<Group>, StoreError> {
        self.desk.read(move |store| store.groups(&filter)).await
    }

    /// One letter, if it is there.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn get(&self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        let id = id.clone();
        self.desk.read(move |store| store.get(&id)).await
    }

    /// Gives a new letter's event once more to the subscription that failed, with its id, and waits for what
    /// comes of it. It goes on if the future is dropped.
    ///
    /// # Errors
    ///
    /// If the letter is not there or not [`Status::New`] (another replay may have it), if the subscription
    /// cannot take the event, or if the store fails.
    pub async fn replay(&self, id: &Id) -> Result<Replayed, ReplayError> {
        let id = id.clone();
        self.run(move |desk| async move { replay::one(&desk, &id).await })
            .await
            .unwrap_or(Err(ReplayError::Closed))
    }

    /// Replays the new letters that match, at most [`Filter::limit`], the oldest first whatever the filter's
    /// order, and none that is recorded after the call. It stops when the future is dropped.
    pub async fn replay_matching(&self, filter: Filter, options: ReplayOptions) -> ReplayReport {
        let caller = Arc::new(());
        let alive = Arc::downgrade(&caller);
        let report = self.run(move |desk| replay::many(desk, filter, options, alive)).await;
        drop(caller);
        report.unwrap_or_else(|| ReplayReport { error: Some(ReplayError::Closed), ..ReplayReport::default() })
    }

    /// Turns a new letter into a discarded one: someone decided that it can go.
    ///
    /// # Errors
    ///
    /// If the letter is not there or not [`Status::New`], or if the store fails.
    pub async fn discard(&self, id: &Id) -> Result<(), ReplayError> {
        let wanted = id.clone();
        let turned =
            self.desk.write(move |store| store.turn(&wanted, Status::New, Status::Discarded)).await?;
        match turned {
            Turned::Turned(_) => Ok(()),
            Turned::Is(status) => Err(ReplayError::NotNew { id: id.clone(), status }),
            Turned::Unknown => Err(ReplayError::Unknown { id: id.clone() }),
        }
    }

    /// Discards the new letters that match, at most [`Filter::limit`], and says how many.
    ///
    /// # Errors
    ///
    /// If the store fails, or the node has shut down.
    pub async fn discard_matching(&self, filter: Filter) -> Result<u64, StoreError> {
        self.desk.write(move |store| store.discard(&filter)).await
    }

    /// The letters that are stored from now on.
    #[must_use]
    pub fn stream(&self) -> LetterStream {
        LetterStream::new(self.desk.core.live.upgrade().map(|live| live.subscribe()))
    }

    /// Resolves when all that was buried before is durably written.
    ///
    /// # Errors
    ///
    /// If the store fails: what waits is then written later. If the node has shut down.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.desk.flush().await
    }

    /// How the dead letters are doing, at this moment.
    #[must_use]
    pub fn stats(&self) -> DeadLetterStats {
        self.desk.core.counters.snapshot()
    }

    /// Tells how replays reach their subscriptions, and who hears of new letters.
    pub(crate) fn connect(&self, redeliver: Arc<dyn Redeliver>, announce: Arc<dyn Announce>) {
        self.desk.core.connect(Some(Node { redeliver, announce }));
    }

    /// Waits for the replays under way, writes what waits, and closes the store; all within `limit`. What could
    /// not be written by then is counted and logged.
    pub(crate) async fn close(&self, limit: Duration) {
        let core = &self.desk.core;
        core.closing.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + limit;
        let (done, closed) = closing_watch(limit);
        let mut replays = core.replays.subscribe();
        let idle = async { replays.wait_for(|under_way| *under_way == 0).await.is_ok() };
        let still_time = match select(closed, pin!(idle)).await {
            Either::Left(_) => None,
            Either::Right((_, closed)) => Some(closed),
        };
        core.connect(None);
        self.desk.submit(Command::Close { deadline, done });
        if let Some(closed) = still_time {
            let _ = closed.await;
        }
        self.desk.keeper.do_send(Stop);
    }

    /// Resolves when no replay is under way.
    #[cfg(test)]
    pub(super) async fn idle(&self) {
        let mut replays = self.desk.core.replays.subscribe();
        let _ = replays.wait_for(|under_way| *under_way == 0).await;
    }

    /// Resolves when the actor has done all that was in its mailbox.
    #[cfg(test)]
    pub(super) async fn passed(&self) {
        let (done, passed) = oneshot::channel();
        self.desk.keeper.do_send(Run(Box::new(move |_| {
            let _ = done.send(());
            async {}.boxed_local()
        })));
        let _ = passed.await;
    }

    /// Runs something on the actor's thread, to its end whoever waits for it. `None` if the node has shut down.
    async fn run<T, F>(&self, job: impl FnOnce(Desk) -> F + Send + 'static) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
    {
        let under_way = replay::UnderWay::new(&self.desk.core)?;
        let (answer, answered) = oneshot::channel();
        let job = Run(Box::new(move |desk| {
            async move {
                let result = job(desk).await;
                drop(under_way);
                let _ = answer.send(result);
            }
            .boxed_local()
        }));
        let _ = self.desk.keeper.try_send(job);
        answered.await.ok()
    }
}

/// Resolves when the writer says so, or after `limit` of real time: the runtime's clock may be paused, and the
/// writer's thread does not know of it.
fn closing_watch(limit: Duration) -> (mpsc::SyncSender<()>, oneshot::Receiver<()>) {
    let (done, said) = mpsc::sync_channel(1);
    let (closed, resolved) = oneshot::channel();
    // If there is no thread to be had, `closed` is dropped with the closure, and nothing is waited for.
    let _ = thread::Builder::new().name("closing".to_owned()).spawn(move || {
        let _ = said.recv_timeout(limit);
        let _ = closed.send(());
    });
    (done, resolved)
}
