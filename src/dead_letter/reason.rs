//! Why an event became a dead letter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])+ $name:ident = $text:literal,)+) => {
        /// Why an event became a dead letter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])+ $name,)+
        }

        impl Reason {
            /// Every reason, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name in records and logs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

reasons! {
    /// The handler returned an error, and its retries are spent.
    HandlerError = "handler_error",
    /// The handler panicked.
    Panic = "panic",
    /// The handler outlived the subscription's timeout.
    Timeout = "timeout",
    /// The lane was full.
    InboxFull = "inbox_full",
    /// The service had been given up.
    ServiceFailed = "service_failed",
    /// The subscription was taken away while the event was queued.
    Unsubscribed = "unsubscribed",
    /// The node shut down before the event was handled.
    Shutdown = "shutdown",
    /// The payload does not fit the subscriber's type.
    Decode = "decode",
    /// The payload was refused by the pattern's `validate`; or the pattern itself is none.
    Invalid = "invalid",
    /// Nobody subscribes to the event (only if the node is so configured).
    NoSubscriber = "no_subscriber",
    /// The payload cannot be serialised.
    Encode = "encode",
    /// A remote peer or broker could not be reached.
    Unreachable = "unreachable",
    /// A broker gave up delivering.
    MaxDeliveries = "max_deliveries",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// A name that no variant has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a known name")]
pub struct UnknownName(String);

impl UnknownName {
    pub(crate) fn new(name: &str) -> Self {
        Self(name.to_owned())
    }
}
