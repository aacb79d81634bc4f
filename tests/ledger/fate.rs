//! What happens to each delivery: drawn from the seed, so that a run can be repeated.

use std::hash::{DefaultHasher, Hash, Hasher};

use nestling::prelude::*;

use crate::workers::{FRAGILE, NAMES};

/// One emitted event: who emitted it, and its place among all that this one emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) emitter: usize,
    pub(crate) seq: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Handled,
    Fails,
    FailsForGood,
    Panics,
    /// Takes its time before it is handled.
    Slow,
    PanicsLate,
    FailsLate,
    /// Never ends by itself.
    Hangs,
}

/// Whatever the seed decides about `what`, in parts per ten thousand.
pub(crate) fn draw(seed: u64, what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, what).hash(&mut hasher);
    hasher.finish() % 10_000
}

/// The error that no other attempt follows.
pub(crate) const FOR_GOOD: &str = "refused for good";

/// What becomes of one attempt.
pub(crate) fn fate(seed: u64, service: &str, mark: Mark, attempt: u32) -> Fate {
    // Some meet the same at each attempt, for few runs are so long that chance alone ends an event in every way.
    match draw(seed, (service, mark)) {
        0..1_000 if service == NAMES[FRAGILE] => return Fate::Panics,
        0..5 => return Fate::Hangs,
        5..15 => return Fate::Fails,
        _ => {}
    }
    match draw(seed, (service, mark, attempt)) {
        0..100 => Fate::Fails,
        100..130 => Fate::FailsForGood,
        130..170 => Fate::Panics,
        170..270 => Fate::Slow,
        270..290 => Fate::PanicsLate,
        290..320 => Fate::FailsLate,
        320..340 => Fate::Hangs,
        _ => Fate::Handled,
    }
}

impl Fate {
    /// For handlers that cannot wait.
    pub(crate) fn at_once(self) -> Result<(), EventError> {
        match self {
            Self::Fails | Self::FailsLate => Err(EventError::msg("refused")),
            Self::FailsForGood => Err(EventError::permanent(EventError::msg(FOR_GOOD))),
            Self::Panics | Self::PanicsLate => panic!("as the seed decided"),
            Self::Handled | Self::Slow | Self::Hangs => Ok(()),
        }
    }

    /// For handlers that can.
    pub(crate) async fn in_time(self) -> Result<(), EventError> {
        match self {
            Self::Slow | Self::PanicsLate | Self::FailsLate => {
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Self::Hangs => std::future::pending().await,
            Self::Handled | Self::Fails | Self::FailsForGood | Self::Panics => {}
        }
        self.at_once()
    }
}
