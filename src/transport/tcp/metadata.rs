//! Metadata on the wire: NestJS 12's `metadata` object, whose values are strings.

use std::time::SystemTime;

use crate::metadata::{Headers, Id, Metadata};
use crate::pattern::Route;

const MESSAGE_ID: &str = "x-message-id";
const CORRELATION_ID: &str = "x-correlation-id";
const CAUSATION_ID: &str = "x-causation-id";

/// The longest id that a peer may give.
const MAX_ID: usize = 256;

/// The metadata of what a peer sent now.
pub(super) fn from_headers(route: Route, mut headers: Headers) -> Metadata {
    let mut id = |name| headers.remove(name).filter(|id| !id.is_empty() && id.len() <= MAX_ID).map(Id::from);
    let (message, correlation, causation) = (id(MESSAGE_ID), id(CORRELATION_ID), id(CAUSATION_ID));
    let message = message.unwrap_or_default();
    Metadata::restored(route, message, SystemTime::now(), headers, correlation, causation)
}
