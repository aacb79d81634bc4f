//! A reply of the wire, as an answer to a request.

use crate::peer::Answer;
use crate::wire::Outcome;

pub(super) fn of_outcome(outcome: Outcome<'_>) -> Answer<'_> {
    match outcome {
        Outcome::Value { value, is_last: false } => Answer::Item(value),
        Outcome::Value { value, is_last: true } => Answer::Last(value),
        Outcome::End => Answer::End,
        Outcome::Error(error) => Answer::Error(error),
        Outcome::NoHandler => Answer::NoHandler,
    }
}
