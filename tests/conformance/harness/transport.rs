//! What the suite asks of a transport.

use std::time::Duration;

use futures::future::LocalBoxFuture;

use super::feature::Feature;
use super::running::Running;
use super::serving::Serving;
use super::waiting::PATIENCE;

/// How a broker's process is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// It is asked to (SIGTERM).
    Term,
    /// It is given no time (SIGKILL).
    Kill,
}

/// A transport, with its broker if it has one.
pub(crate) trait Transport {
    /// What it can do.
    fn features(&self) -> &'static [Feature];

    /// Starts a node. One of the name of an earlier one, which is closed, takes its place; of one that runs, it
    /// shares its work.
    fn serve(&self, serving: Serving) -> LocalBoxFuture<'_, Running>;

    /// Starts a node without services, from which requests and events go to all that serve at this moment.
    fn caller(&self) -> LocalBoxFuture<'_, Running>;

    /// Ends the broker's process.
    fn stop_broker(&self, signal: Signal) -> LocalBoxFuture<'_, ()> {
        unreachable!("there is no broker to end by {signal:?}")
    }

    /// Starts the broker's process again, with what it has stored.
    fn start_broker(&self) -> LocalBoxFuture<'_, ()> {
        unreachable!("there is no broker to start")
    }

    /// How long nothing may happen before something is taken for lost.
    fn patience(&self) -> Duration {
        PATIENCE
    }

    /// How many events the tests of many emit.
    fn many(&self) -> u32 {
        10_000
    }

    fn has(&self, feature: Feature) -> bool {
        self.features().contains(&feature)
    }
}
