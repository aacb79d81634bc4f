//! What the tests of requests share.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use nestling::prelude::*;

/// A service's own error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0} is refused")]
pub(crate) struct Refused(pub u32);

/// What happened, in order, on one thread.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

/// Waits until `condition` holds; panics after ten seconds.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "it did not happen within a minute");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Runs `test` where actors can run, with a clock that stands still until all wait for it.
pub(crate) async fn locally<T>(test: impl Future<Output = T>) -> T {
    tokio::task::LocalSet::new().run_until(test).await
}

/// Waits for a future on a thread without any runtime.
pub(crate) fn block_on<T>(future: impl IntoFuture<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future.into_future());
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
