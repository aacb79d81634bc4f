//! When a service is restarted, how long it waits before, and when it is given up.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::retry::bound;

/// Which failures restart a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RestartOn {
    /// A panic, a handler that outlived its timeout, or an event whose attempts are spent (the default).
    #[default]
    Failure,
    /// Only a panic.
    Panic,
}

/// How long to wait before a service is restarted, or a lost connection is made again, when failures come without a
/// success between them. The first attempt after a success is immediate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    first: Duration,
    factor: f64,
    cap: Duration,
}

impl Backoff {
    /// Delays of up to `first`, growing by `factor`, at most `cap`. Each is drawn between half its bound and its
    /// bound, so that it grows for sure and services still do not restart in step.
    #[must_use]
    pub fn new(first: Duration, factor: f64, cap: Duration) -> Self {
        Self { first, factor: if factor.is_finite() { factor.max(1.0) } else { 1.0 }, cap }
    }

    /// The delay before a restart that follows `failures` restarts without a success since.
    pub(crate) fn delay(&self, failures: u32) -> Duration {
        match failures.checked_sub(1) {
            None => Duration::ZERO,
            Some(exponent) => {
                bound(self.first, self.factor, self.cap, exponent).mul_f64(0.5 + fastrand::f64() / 2.0)
            }
        }
    }
}

impl Default for Backoff {
    /// 50 ms, doubling, at most 5 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(50), 2.0, Duration::from_secs(5))
    }
}

/// What a service declares about its restarts.
#[derive(Debug, Clone, Default)]
pub(crate) struct RestartPolicy {
    pub(crate) on: RestartOn,
    pub(crate) backoff: Backoff,
    /// Given up when there are more than this many restarts within this time.
    pub(crate) max: Option<(u32, Duration)>,
}

/// The restarts so far.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    /// Restarts since the last success.
    without_success: u32,
    /// Those that count towards the limit, within its window.
    recent: VecDeque<Instant>,
    last: Option<Instant>,
}

impl Restarts {
    /// Takes note of a failure. `None` if the service is to be given up, else how long to wait.
    pub(super) fn next(&mut self, policy: &RestartPolicy, counts: bool) -> Option<Duration> {
        let now = Instant::now();
        if let (true, Some((max, within))) = (counts, policy.max) {
            self.recent.push_back(now);
            while self.recent.front().is_some_and(|first| now.duration_since(*first) > within) {
                self.recent.pop_front();
            }
            if self.recent.len() > max as usize {
                return None;
            }
        }
        // What `Addr::send` delivered well nobody sees; a long quiet time stands for it.
        if self.last.is_some_and(|last| now.duration_since(last) > policy.backoff.cap.saturating_mul(2)) {
            self.without_success = 0;
        }
        self.last = Some(now);
        let delay = policy.backoff.delay(self.without_success);
        self.without_success = self.without_success.saturating_add(1);
        Some(delay)
    }

    /// Takes note of a success.
    pub(super) fn succeeded(&mut self) {
        self.without_success = 0;
    }
}
