//! What was counted, and when to count.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use nestling::__private::tool::Part;

use crate::json::one_line;

/// When the measuring begins and ends.
pub(super) struct Clock {
    pub(super) begin: Instant,
    pub(super) end: Instant,
}

impl Clock {
    /// Measures for `duration` after `warmup`, from now on.
    pub(super) fn start(warmup: Duration, duration: Duration) -> Self {
        let begin = Instant::now() + warmup;
        Self { begin, end: begin + duration }
    }

    pub(super) fn measures(&self, now: Instant) -> bool {
        (self.begin..self.end).contains(&now)
    }
}

/// What was counted while the clock measured.
pub(super) struct Tally {
    /// Requests that were answered, with errors too; or events.
    pub(super) done: u64,
    pub(super) errors: u64,
    /// The first error, JSON or what is as good.
    pub(super) first_error: Option<String>,
    /// In flight, whenever it is looked at.
    pub(super) unanswered: u64,
    /// Nanoseconds.
    pub(super) latencies: Histogram<u64>,
}

/// The longest latency that is told apart, in nanoseconds.
const LONGEST: u64 = 3_600_000_000_000;

impl Tally {
    pub(super) fn new() -> Self {
        let latencies =
            Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are in order and 3 is allowed");
        Self { done: 0, errors: 0, first_error: None, unanswered: 0, latencies }
    }

    /// A request, of which this is the last part, was answered.
    pub(super) fn settled(&mut self, clock: &Clock, begun: Instant, now: Instant, part: &Part<'_>) {
        self.unanswered -= 1;
        if !clock.measures(now) {
            return;
        }
        self.done += 1;
        let latency = u64::try_from((now - begun).as_nanos()).unwrap_or(LONGEST);
        self.latencies.saturating_record(latency);
        match part {
            Part::Error(json) => self.failed(|| one_line(json)),
            Part::NoHandler => self.failed(|| "\"no service handles the pattern\"".to_owned()),
            Part::Value { .. } | Part::End => {}
        }
    }

    fn failed(&mut self, error: impl FnOnce() -> String) {
        self.errors += 1;
        self.first_error.get_or_insert_with(error);
    }
}
