//! Where a service's handlers find themselves while a sender runs them.

use std::rc::Rc;

use tokio::runtime::{EnterGuard, Handle};
use tokio::sync::oneshot;
use tokio::task::{LocalEnterGuard, LocalSet};

/// A task set within the node's own one, and the runtime of both. A sender may be polled on the node's thread and yet
/// outside of its task set, in which case nothing could be spawned; and tokio tells neither that, nor which task set it
/// is. So whatever is spawned while a sender runs a service is spawned here.
pub(crate) struct Annex {
    tasks: Rc<LocalSet>,
    runtime: Handle,
    /// Dropped after `tasks`, when nobody spawns here any more.
    _open: oneshot::Sender<()>,
}

/// For as long as it lives, tasks are spawned in an annex.
pub(super) struct Inside<'a> {
    _tasks: LocalEnterGuard,
    _runtime: EnterGuard<'a>,
}

impl Annex {
    /// Opens one in the task set where this is called, which must be the node's own.
    pub(crate) fn open() -> Rc<Self> {
        let tasks = Rc::new(LocalSet::new());
        let (open, closed) = oneshot::channel();
        actix_rt::spawn(keep(Rc::clone(&tasks), closed));
        Rc::new(Self { tasks, runtime: Handle::current(), _open: open })
    }

    #[inline]
    pub(super) fn enter(&self) -> Inside<'_> {
        Inside { _runtime: self.runtime.enter(), _tasks: self.tasks.enter() }
    }
}

/// Drives the annex's tasks until nobody spawns any more, and then until the last has ended.
async fn keep(tasks: Rc<LocalSet>, closed: oneshot::Receiver<()>) {
    let _ = tasks.run_until(closed).await;
    if let Some(tasks) = Rc::into_inner(tasks) {
        tasks.await;
    }
}
