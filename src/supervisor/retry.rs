//! When a failed attempt is made again.

use std::time::Duration;

/// When a failed attempt is made again: never (the default), at once, or after growing, jittered delays.
///
/// A retry holds an ordered lane, so that order survives it. In a lane with
/// [`concurrency`](crate::EventOptions::concurrency) its slot is free while the delay runs.
///
/// ```
/// use std::time::Duration;
/// use nestling::Retry;
///
/// let policy = Retry::exponential(5).first_delay(Duration::from_millis(200)).cap(Duration::from_secs(30));
/// assert_eq!(policy.attempts(), 6);
/// ```
///
/// The jitter is "full": each delay is drawn evenly from zero to its bound, which
/// [keeps many clients apart best](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    retries: u32,
    /// The bound of the first delay; zero for immediate retries.
    first_delay: Duration,
    factor: f64,
    cap: Duration,
    jitter: bool,
    deadline: Option<Duration>,
}

impl Retry {
    /// No retry: one attempt.
    #[must_use]
    pub fn none() -> Self {
        Self::immediate(0)
    }

    /// `retries` further attempts, each at once.
    #[must_use]
    pub fn immediate(retries: u32) -> Self {
        Self {
            retries,
            first_delay: Duration::ZERO,
            factor: 1.0,
            cap: Duration::ZERO,
            jitter: false,
            deadline: None,
        }
    }

    /// `retries` further attempts after delays of up to 100 ms, 200 ms, 400 ms, .. 30 s, with full jitter.
    #[must_use]
    pub fn exponential(retries: u32) -> Self {
        Self {
            retries,
            first_delay: Duration::from_millis(100),
            factor: 2.0,
            cap: Duration::from_secs(30),
            jitter: true,
            deadline: None,
        }
    }

    /// The bound of the first delay.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self.cap = self.cap.max(delay);
        self
    }

    /// What each delay's bound is multiplied with to get the next; below 1 counts as 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = if factor.is_finite() { factor.max(1.0) } else { 1.0 };
        self
    }

    /// The longest delay.
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Whether delays are drawn at random below their bound (the default of [`exponential`](Self::exponential)).
    #[must_use]
    pub fn jitter(mut self, jitter: bool) -> Self {
        self.jitter = jitter;
        self
    }

    /// No attempt is begun later than this after the first one has failed.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How many attempts are made in all.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.retries.saturating_add(1)
    }

    /// The delay before the next attempt, or `None` if they are spent: `failed` attempts have been made, the first
    /// of them `elapsed` ago.
    pub(crate) fn next(&self, failed: u32, elapsed: Duration) -> Option<Duration> {
        if failed > self.retries {
            return None;
        }
        let bound = bound(self.first_delay, self.factor, self.cap, failed.saturating_sub(1));
        let delay = if self.jitter { bound.mul_f64(fastrand::f64()) } else { bound };
        match self.deadline {
            Some(deadline) if elapsed.saturating_add(delay) > deadline => None,
            _ => Some(delay),
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::none()
    }
}

/// `first · factor^exponent`, at most `cap`.
pub(super) fn bound(first: Duration, factor: f64, cap: Duration, exponent: u32) -> Duration {
    let exponent = i32::try_from(exponent).unwrap_or(i32::MAX);
    let seconds = first.as_secs_f64() * factor.powi(exponent);
    // NaN and infinities fail the comparison and read as the cap.
    if seconds < cap.as_secs_f64() { Duration::from_secs_f64(seconds) } else { cap }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_delay_is_above_its_bound_and_no_attempt_too_many(
            retries in 0u32..60, first in 0u64..10_000, factor in 0.5f64..9.0, cap in 0u64..100_000, failed in 1u32..80,
        ) {
            let policy = Retry::exponential(retries)
                .first_delay(Duration::from_millis(first)).factor(factor).cap(Duration::from_millis(cap));
            match policy.next(failed, Duration::ZERO) {
                Some(delay) => {
                    prop_assert!(failed <= retries);
                    prop_assert!(delay <= Duration::from_millis(cap));
                    prop_assert!(delay.as_secs_f64() <= first as f64 / 1e3 * factor.max(1.0).powi(failed as i32 - 1) + 1e-6);
                }
                None => prop_assert!(failed > retries),
            }
        }

        #[test]
        fn no_attempt_begins_after_the_deadline(elapsed in 0u64..5_000, deadline in 0u64..5_000) {
            let policy = Retry::exponential(9).jitter(false).deadline(Duration::from_millis(deadline));
            if let Some(delay) = policy.next(1, Duration::from_millis(elapsed)) {
                prop_assert!(delay + Duration::from_millis(elapsed) <= Duration::from_millis(deadline));
            }
        }
    }
}
