//! The services, each with the patterns that it handles.

pub(crate) mod answers;
pub(crate) mod context;
pub(crate) mod errors;
pub(crate) mod events;
pub(crate) mod streams;
pub(crate) mod values;

use nestling::OrUndefined;
use serde_json::Value;

/// Data that a handler passes on as it came, or does not look at.
pub(crate) type Anything = OrUndefined<Value>;
