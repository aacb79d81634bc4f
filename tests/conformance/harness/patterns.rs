//! The patterns that the suite sends.

use nestling::prelude::*;

/// An error of the service's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{number} is odd: {why}")]
pub(crate) struct Odd {
    pub(crate) number: u64,
    pub(crate) why: String,
}

/// Asks for twice the number.
#[derive(Debug, Clone, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "double", response = u64, error = Odd)]
pub(crate) struct Double {
    pub(crate) number: u64,
    pub(crate) text: String,
}

impl Double {
    pub(crate) fn of(number: u64) -> Self {
        Self { number, text: String::new() }
    }
}

/// Asks for the numbers below one.
#[derive(Debug, Clone, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("count.up", item = u64, error = Odd)]
pub(crate) struct CountUp {
    pub(crate) to: u64,
}

/// A message that nobody handles.
#[derive(Debug, Clone, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "nobody", response = u64, error = Odd)]
pub(crate) struct Nobody {
    pub(crate) number: u64,
}

/// An event.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("suite.happened")]
pub(crate) struct Happened {
    pub(crate) emitter: u32,
    pub(crate) number: u32,
    pub(crate) text: String,
}

/// An event of another pattern.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("suite.noted")]
pub(crate) struct Noted {
    pub(crate) emitter: u32,
    pub(crate) number: u32,
}

/// An event without data.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("suite.nothing")]
pub(crate) struct Nothing;

impl Happened {
    pub(crate) fn new(emitter: u32, number: u32) -> Self {
        Self { emitter, number, text: String::new() }
    }
}
