//! What a test of the suite has found broken.

/// What a transport promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guarantee {
    /// A request gets its own response.
    Answered,
    /// A request runs once.
    RunOnce,
    /// A service's own error comes back as it is.
    ErrorKept,
    /// A sender is told at once that nobody handles its message.
    NoHandlerTold,
    /// A request waits as long as it says.
    TimeoutKept,
    /// A stream's items come once each, in their order, and then its end.
    ItemsWhole,
    /// A stream's error is its last item.
    StreamErrorKept,
    /// A stream that nobody reads is dropped.
    StreamDropped,
    /// Every event is handled.
    NothingLost,
    /// No event is handled twice by one service.
    NothingTwice,
    /// Events of one emitter are handled in their order.
    OrderKept,
    /// An event that failed is delivered again.
    DeliveredAgain,
    /// An event that was not handled is not taken for handled.
    AcknowledgedLate,
    /// A new service sees what was emitted before it began.
    PastSeen,
    /// Headers come as they went.
    HeadersKept,
    /// The correlation id comes as it went.
    CorrelationKept,
    /// What a handler emits names its cause.
    CausationKept,
    /// An event has one id, wherever and however often it is delivered.
    IdKept,
    /// A payload comes as it went.
    PayloadKept,
    /// Closing ends in time.
    CloseEnds,
    /// What is taken is handled before the node ends.
    Drained,
    /// A new node, or a new broker, is found.
    GoesOn,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{guarantee:?} does not hold: {seen}")]
pub(crate) struct Violation {
    pub(crate) guarantee: Guarantee,
    pub(crate) seen: String,
}

/// How a test of the suite ends.
pub(crate) type Verdict = Result<(), Violation>;

impl Guarantee {
    /// The violation of this guarantee.
    pub(crate) fn broken(self, seen: impl Into<String>) -> Violation {
        Violation { guarantee: self, seen: seen.into() }
    }

    /// Whether it holds; `seen` says what is there instead.
    pub(crate) fn ensure(self, holds: bool, seen: impl FnOnce() -> String) -> Verdict {
        if holds { Ok(()) } else { Err(self.broken(seen())) }
    }
}
