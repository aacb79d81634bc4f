//! Why a request from outside has no response: what its sender is told, and what the log is.

use std::fmt::Display;
use std::time::Duration;

use crate::pattern::Route;
use crate::supervisor::Refusal;

/// What a stranger may know, and no more; the log has the rest. None where there is no handler, which has words of its
/// own.
pub(super) fn said(route: &Route, refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::NoHandler => return None,
        Refusal::Timeout { after } => format!("`{route}` was not answered within {after:?}"),
        Refusal::Panicked { .. } => format!("the handler of `{route}` panicked"),
        Refusal::Unanswered { .. } => format!("the handler of `{route}` gave no answer"),
        Refusal::Unavailable { .. } => format!("`{route}` is not available: its service has stopped"),
        Refusal::Overloaded { .. } => {
            format!("`{route}` is overloaded: too many requests wait, try again later")
        }
        Refusal::Invalid { message } => format!("`{route}` was refused: {message}"),
        Refusal::Decode { message } => format!("`{route}`: {message}"),
        Refusal::Faulty { .. } => format!("`{route}` is faulty: its data cannot be read or written"),
        Refusal::Encode { .. } | Refusal::Remote { .. } | Refusal::Transport { .. } => {
            format!("`{route}` is not available")
        }
    })
}

/// Logs what nobody else has: `limit` is how long a request may take.
pub(super) fn log(route: &Route, refusal: &Refusal, limit: Duration, peer: &dyn Display) {
    let pattern = route.as_str();
    match refusal {
        Refusal::NoHandler => {}
        // Its supervisor has logged it.
        Refusal::Panicked { .. } => {}
        // So it has here: the handler outlived a timeout of its own, and not the request its deadline.
        Refusal::Timeout { after } if *after != limit => {}
        // The peer's own doing, which its reply tells it.
        Refusal::Invalid { .. } | Refusal::Decode { .. } => {
            tracing::debug!(%peer, pattern, cause = ?refusal, "a request was refused");
        }
        Refusal::Faulty { message, .. } => {
            tracing::error!(%peer, pattern, error = message, "a request was not answered");
        }
        _ => tracing::warn!(%peer, pattern, cause = ?refusal, "a request was not answered"),
    }
}
