//! The one thread that the tool works on, and how long it waits there.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use crate::failure::Failure;

/// Runs `future` to its end, on this thread.
pub(crate) fn block_on(future: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::Write)?.block_on(future)
}

/// Waits for `future` no longer than `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    address: impl Display,
    what: &str,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let late = || Failure::Unreachable(format!("{address}: {what} within {limit:?}"));
    timeout(limit, future).await.unwrap_or_else(|_| Err(late()))
}
