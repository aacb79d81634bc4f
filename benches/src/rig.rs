//! The threads that contestants run on: always the bench's own one, so that no wake-up of another core is measured.

use std::rc::Rc;

use actix::SystemRunner;
use tokio::runtime::Runtime;

/// Runs futures to their end on the thread of the bench.
pub trait Rig: Clone + 'static {
    /// Runs `future` to its end.
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

/// What actix runs on: an actix system, which is a current-thread runtime with a `LocalSet`.
#[derive(Clone)]
pub struct ActixRig(Rc<SystemRunner>);

impl ActixRig {
    /// A new system; it becomes the current one of this thread.
    #[must_use]
    pub fn new() -> Self {
        Self(Rc::new(actix::System::new()))
    }
}

impl Default for ActixRig {
    fn default() -> Self {
        Self::new()
    }
}

impl Rig for ActixRig {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

/// What the peers that need `Send` tasks run on: a bare current-thread runtime, so that they do not pay for a
/// `LocalSet` that they have no use for.
#[derive(Clone)]
pub struct TokioRig(Rc<Runtime>);

impl TokioRig {
    /// A new runtime.
    ///
    /// # Panics
    ///
    /// If the operating system refuses one.
    #[must_use]
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self(Rc::new(runtime.expect("a current-thread runtime")))
    }
}

impl Default for TokioRig {
    fn default() -> Self {
        Self::new()
    }
}

impl Rig for TokioRig {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
