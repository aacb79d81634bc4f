//! Where a service's handlers find themselves while a sender runs them.

use std::rc::{Rc, Weak};

use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;
use tokio::task::{LocalEnterGuard, LocalSet};

/// A task set within the node's own one. A sender may be polled on the node's thread and yet outside of its task set, in
/// which case nothing could be spawned; and tokio tells neither that, nor which task set it is. So whatever is spawned
/// while a sender runs a service is spawned here.
pub(crate) struct Annex {
    /// The task that drives it owns it: with the node's own task set it goes, and its tasks with it, whoever has an
    /// annex at hand.
    tasks: Weak<LocalSet>,
    runtime: runtime::Id,
    /// Dropped when nobody spawns here any more.
    _open: oneshot::Sender<()>,
}

impl Annex {
    /// Opens one in the task set where this is called, which must be the node's own.
    pub(crate) fn open() -> Rc<Self> {
        let tasks = Rc::new(LocalSet::new());
        let weak = Rc::downgrade(&tasks);
        let (open, closed) = oneshot::channel();
        actix_rt::spawn(keep(tasks, closed));
        Rc::new(Self { tasks: weak, runtime: Handle::current().id(), _open: open })
    }

    /// Spawns here, for as long as the guard lives. None where it cannot be: the sender is not in the node's runtime, or
    /// the node's task set has gone.
    pub(super) fn enter(&self) -> Option<LocalEnterGuard> {
        let tasks = self.tasks.upgrade()?;
        let is_here = Handle::try_current().is_ok_and(|current| current.id() == self.runtime);
        is_here.then(|| tasks.enter())
    }
}

/// Drives the annex's tasks until nobody spawns any more, and then until the last has ended.
async fn keep(tasks: Rc<LocalSet>, closed: oneshot::Receiver<()>) {
    let _ = tasks.run_until(closed).await;
    if let Some(tasks) = Rc::into_inner(tasks) {
        tasks.await;
    }
}
