//! What failed, and the attempts that came before: what the supervisor tells about an event.

use std::collections::VecDeque;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime};

use super::millis;
use super::reason::Reason;
use super::record::Attempt;
use crate::error::{EventError, Unreachable};

/// The most bytes of an error's message.
pub(super) const MAX_MESSAGE: usize = 16 * 1024;
/// The most bytes of one message in the log of attempts or the chain of causes.
const MAX_LINE: usize = 1024;
/// The most causes of one error.
const MAX_CAUSES: usize = 32;
/// The most attempts in the log.
const MAX_LOG: usize = 10;

/// What failed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) reason: Reason,
    pub(crate) error_type: String,
    pub(crate) message: String,
    pub(crate) chain: Vec<String>,
    pub(crate) panic_location: Option<String>,
}

impl Failure {
    pub(crate) fn new(reason: Reason, error_type: impl Into<String>, message: impl Into<String>) -> Self {
        let (error_type, mut message) = (error_type.into(), message.into());
        cut(&mut message, MAX_MESSAGE);
        Self { reason, error_type, message, chain: Vec::new(), panic_location: None }
    }

    /// The error that a handler returned.
    pub(crate) fn from_event_error(error: &EventError) -> Self {
        // The error is the user's: its `Display` may panic, and burying must not.
        let chain = catch_unwind(AssertUnwindSafe(|| error.chain())).unwrap_or_default();
        let chain = chain.into_iter().take(MAX_CAUSES).map(line).collect();
        let reason = match error.downcast_ref::<Unreachable>() {
            Some(_) => Reason::Unreachable,
            None => Reason::HandlerError,
        };
        Self { chain, ..Self::new(reason, error.type_name(), text_of(error)) }
    }
}

/// The text of an error whose `Display` may panic.
fn text_of(error: &dyn Display) -> String {
    catch_unwind(AssertUnwindSafe(|| error.to_string()))
        .unwrap_or_else(|_| "the error's Display impl panicked".to_owned())
}

fn line(mut text: String) -> String {
    cut(&mut text, MAX_LINE);
    text
}

/// Cuts `text` to at most `limit` bytes, between two characters.
pub(super) fn cut(text: &mut String, limit: usize) {
    text.truncate(text.floor_char_boundary(limit));
}

/// The failed attempts so far of one delivery. Every one counts, also the last, whose delay is zero.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    attempts: u32,
    failed_at: Option<(SystemTime, SystemTime)>,
    log: VecDeque<Attempt>,
}

impl History {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// One more attempt has failed; `delay` is how long the subscription waits before the next, zero if there is none.
    pub(crate) fn failed(&mut self, at: SystemTime, error: &str, delay: Duration) {
        let at = millis::rounded(at);
        let first = self.failed_at.map_or(at, |(first, _)| first);
        self.failed_at = Some((first, at));
        self.attempts = self.attempts.saturating_add(1);
        if self.log.len() == MAX_LOG {
            self.log.pop_front();
        }
        let error = error[..error.floor_char_boundary(MAX_LINE)].to_owned();
        let delay = Duration::from_millis(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        self.log.push_back(Attempt { at, delay, error });
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// When the first and the last attempt failed.
    pub(super) fn failed_at(&self) -> Option<(SystemTime, SystemTime)> {
        self.failed_at
    }

    pub(super) fn into_log(self) -> Vec<Attempt> {
        self.log.into()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_message_is_cut_between_two_characters() {
        let failure = Failure::new(Reason::Panic, "panic", "ß".repeat(MAX_MESSAGE));
        assert_eq!(failure.message.len(), MAX_MESSAGE);
        let failure = Failure::new(Reason::Panic, "panic", format!("x{}", "ß".repeat(MAX_MESSAGE)));
        assert_eq!(failure.message.len(), MAX_MESSAGE - 1);
    }

    #[test]
    fn the_log_holds_the_last_ten_attempts() {
        let mut history = History::new();
        for n in 0..12 {
            history.failed(UNIX_EPOCH + Duration::from_secs(n), &format!("{n}"), Duration::from_secs(1));
        }
        assert_eq!(history.attempts(), 12);
        let (first, last) = history.failed_at().unwrap();
        assert_eq!(first, UNIX_EPOCH);
        assert_eq!(last, UNIX_EPOCH + Duration::from_secs(11));
        let log = history.into_log();
        assert_eq!(
            log.iter().map(|attempt| attempt.error.as_str()).collect::<Vec<_>>().join(" "),
            "2 3 4 5 6 7 8 9 10 11"
        );
    }

    #[test]
    fn an_error_whose_display_panics_is_still_told() {
        #[derive(Debug)]
        struct Rude;
        impl std::fmt::Display for Rude {
            fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                panic!("rude")
            }
        }
        impl std::error::Error for Rude {}
        let failure = Failure::from_event_error(&EventError::from(Rude));
        assert_eq!(failure.reason, Reason::HandlerError);
        assert!(failure.error_type.ends_with("Rude"), "{}", failure.error_type);
        assert_eq!(failure.message, "the error's Display impl panicked");
    }
}
