//! The ways in which a transport can be broken.

use std::time::Duration;

use crate::harness::waiting::PATIENCE;

/// A way in which a transport can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Every seventh event is lost.
    LosesEvents,
    /// Every seventh event comes twice.
    RepeatsEvents,
    /// Every tenth event comes after the next.
    SwapsEvents,
    /// Each instance of a group gets what one was to get.
    TellsTheWholeGroup,
    /// An event is taken for handled before it is.
    AcknowledgesEarly,
    /// An event that failed is taken for handled.
    SwallowsFailures,
    /// An event that failed is delivered again behind the next.
    RetriesBehind,
    /// The headers are lost.
    LosesHeaders,
    /// The correlation id is another.
    LosesCorrelation,
    /// The cause is not named.
    LosesCausation,
    /// Each delivery has an id of its own.
    ChangesIds,
    /// Of a text the first thousand characters come.
    CutsPayloads,
    /// What is empty comes as something else.
    FillsPayloads,
    /// What a new service is told of what was emitted before lacks the beginning.
    ForgetsThePast,
    /// From the first close on nothing is delivered.
    IsDeafAfterClose,
    /// A broker that has begun again has lost some events.
    ForgetsAtRestart,
    /// From the restart of the broker on nothing is delivered.
    IsDeafAfterRestart,
    /// Closing does not end.
    HangsAtClose,
    /// A request gets the response of the one before.
    CrossesAnswers,
    /// A request is run twice.
    RunsTwice,
    /// A service's error comes as another.
    ChangesErrors,
    /// A message that nobody handles is never answered.
    SwallowsMessages,
    /// A request waits for ever.
    IgnoresTimeouts,
    /// Every seventh item is lost.
    LosesItems,
    /// Every tenth item comes after the next.
    SwapsItems,
    /// A stream's error is its end.
    HidesStreamErrors,
    /// A stream that nobody reads runs on.
    KeepsStreams,
}

impl Fault {
    /// How long nothing may happen before something is taken for lost: briefly, where this is how the fault shows.
    pub(super) fn patience(self) -> Duration {
        match self {
            Self::LosesEvents
            | Self::AcknowledgesEarly
            | Self::SwallowsFailures
            | Self::ForgetsThePast
            | Self::IsDeafAfterClose
            | Self::ForgetsAtRestart
            | Self::IsDeafAfterRestart
            | Self::HangsAtClose
            | Self::SwallowsMessages
            | Self::IgnoresTimeouts
            | Self::KeepsStreams => Duration::from_millis(700),
            _ => PATIENCE,
        }
    }
}
