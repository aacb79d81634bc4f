//! Catching panics, with the place where they happened.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A caught panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panic {
    pub(crate) message: String,
    /// `file:line:column`, if the process's panic hook is still ours.
    pub(crate) location: Option<String>,
}

thread_local! {
    /// How many guards are open on this thread.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Where the panic happened that the innermost guard is about to catch.
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether this thread expects a panic that says nothing to anyone.
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `run` and catches its panic. What it borrows may be left half changed: the caller replaces it.
#[inline(always)]
pub(crate) fn guard<R>(run: impl FnOnce() -> R) -> Result<R, Box<Panic>> {
    // Not `DEPTH.set`, which is not always inlined.
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let result = catch_unwind(AssertUnwindSafe(run));
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    result.map_err(caught)
}

#[cold]
fn caught(payload: Box<dyn Any + Send>) -> Box<Panic> {
    let location = LOCATION.take();
    Box::new(Panic { message: message(payload), location })
}

/// Goes on with a panic that a guard has caught on another thread: the guard around the caller finds it as it was.
#[cfg(feature = "sqlite")]
pub(crate) fn resume(panic: Panic) -> ! {
    LOCATION.set(panic.location);
    std::panic::resume_unwind(Box::new(panic.message))
}

/// Drops something of the application's, whose `Drop` may panic: that failure has nobody to be blamed on.
#[inline]
pub(crate) fn discard<T>(value: T) {
    if let Err(panic) = guard(move || drop(value)) {
        report(*panic);
    }
}

#[cold]
fn report(panic: Panic) {
    let Panic { message, location } = panic;
    tracing::error!(error = message, location, "a value panicked when it was dropped");
}

/// As [`guard`], for a panic that is an answer and not a failure: nothing is printed.
pub(crate) fn probe<R>(run: impl FnOnce() -> R) -> Option<R> {
    SILENT.set(true);
    let result = guard(run).ok();
    SILENT.set(false);
    result
}

fn message(payload: Box<dyn Any + Send>) -> String {
    let message = if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic whose payload is not text".to_owned()
    };
    // A payload of the user's own type may panic when it is dropped.
    let _ = catch_unwind(AssertUnwindSafe(move || drop(payload)));
    message
}

/// Installs the process's panic hook, once. `catch_unwind` does not tell where a panic happened; only a hook
/// learns that. It hands every panic that no guard of ours catches on to the hook that was there before, and
/// those that we catch only where no `tracing` subscriber would report them.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if SILENT.get() {
                return;
            }
            if DEPTH.get() > 0 {
                LOCATION.set(info.location().map(ToString::to_string));
                if tracing::dispatcher::has_been_set() {
                    return;
                }
            }
            previous(info);
        }));
    });
}
