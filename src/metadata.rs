//! What travels with every message and event beside its payload: ids, headers, correlation.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::pattern::Route;

/// Headers that travel with a message or an event, sorted by name.
pub type Headers = BTreeMap<String, String>;

/// The header that carries the W3C trace context.
pub const TRACEPARENT: &str = "traceparent";

/// An id: a UUIDv7 where this crate made it, any text where it came from elsewhere.
///
/// ```
/// use nestling::Id;
/// let theirs: Id = "order-17".parse().unwrap();
/// assert_eq!(theirs.to_string(), "order-17");
/// assert_ne!(Id::new(), Id::new());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Id(Repr);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    Uuid(Uuid),
    Text(Arc<str>),
}

impl Id {
    /// A new UUIDv7 of this moment.
    #[must_use]
    pub fn new() -> Self {
        Self::at(SystemTime::now())
    }

    /// A new UUIDv7 whose timestamp is `time`.
    pub(crate) fn at(time: SystemTime) -> Self {
        let millis = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let random = fastrand::u128(..).to_le_bytes();
        let mut tail = [0; 10];
        tail.copy_from_slice(&random[..10]);
        Self(Repr::Uuid(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()))
    }
}

impl Default for Id {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Uuid(uuid) => fmt::Display::fmt(uuid, f),
            Repr::Text(text) => f.pad(text),
        }
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        match Uuid::parse_str(text) {
            // Only the canonical spelling, so that a foreign id comes out as it went in.
            Ok(uuid) if *uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == *text => {
                Self(Repr::Uuid(uuid))
            }
            _ => Self(Repr::Text(text.into())),
        }
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Uuid> for Id {
    fn from(uuid: Uuid) -> Self {
        Self(Repr::Uuid(uuid))
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.to_string()
    }
}

impl FromStr for Id {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

/// What travels with a message or an event beside its payload.
#[derive(Debug)]
pub struct Metadata {
    route: Route,
    emitted_at: SystemTime,
    /// Made when somebody looks: most events are handled without anyone asking for their id.
    id: OnceLock<Id>,
    headers: Option<Arc<Headers>>,
    correlation_id: Option<Id>,
    causation_id: Option<Id>,
}

/// The system's time at its last tick: some milliseconds late at the most.
#[cfg(target_os = "linux")]
fn coarse_now() -> SystemTime {
    use rustix::time::{ClockId, clock_gettime};

    let now = clock_gettime(ClockId::RealtimeCoarse);
    match (u64::try_from(now.tv_sec), u32::try_from(now.tv_nsec)) {
        (Ok(seconds), Ok(nanos)) => UNIX_EPOCH + std::time::Duration::new(seconds, nanos),
        // A clock that is set to before 1970.
        _ => SystemTime::now(),
    }
}

#[cfg(not(target_os = "linux"))]
fn coarse_now() -> SystemTime {
    SystemTime::now()
}

impl Clone for Metadata {
    fn clone(&self) -> Self {
        Self {
            route: self.route.clone(),
            emitted_at: self.emitted_at,
            // Made now if it was not: a copy must not make an id of its own.
            id: OnceLock::from(self.id().clone()),
            headers: self.headers.clone(),
            correlation_id: self.correlation_id.clone(),
            causation_id: self.causation_id.clone(),
        }
    }
}

impl Metadata {
    /// The metadata of something sent now.
    ///
    /// The time is the system's coarse one, some milliseconds late at the most: a precise one costs half as much as
    /// an actor's whole message.
    #[inline(always)]
    pub(crate) fn new(
        route: Route,
        headers: Option<Arc<Headers>>,
        correlation_id: Option<Id>,
        causation_id: Option<Id>,
    ) -> Self {
        Self { route, emitted_at: coarse_now(), id: OnceLock::new(), headers, correlation_id, causation_id }
    }

    /// The metadata of something that is told again: a replay, an event from outside.
    pub(crate) fn restored(
        route: Route,
        id: Id,
        emitted_at: SystemTime,
        headers: Headers,
        correlation_id: Option<Id>,
        causation_id: Option<Id>,
    ) -> Self {
        let headers = (!headers.is_empty()).then(|| Arc::new(headers));
        Self { route, emitted_at, id: OnceLock::from(id), headers, correlation_id, causation_id }
    }

    /// The route that it was sent on.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// Its id: the same in every subscriber, every attempt and every replay.
    #[must_use]
    pub fn id(&self) -> &Id {
        self.id.get_or_init(|| Id::at(self.emitted_at))
    }

    /// When it was sent, by a clock that is some milliseconds slow at the most.
    #[must_use]
    pub fn emitted_at(&self) -> SystemTime {
        self.emitted_at
    }

    /// The headers that its sender set.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        static EMPTY: Headers = Headers::new();
        self.headers.as_deref().unwrap_or(&EMPTY)
    }

    /// One header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).map(String::as_str)
    }

    /// The id that everything caused by one first message or event shares; its own id if it is that first one.
    #[must_use]
    pub fn correlation_id(&self) -> &Id {
        self.correlation_id.as_ref().unwrap_or_else(|| self.id())
    }

    /// The id of the message or event whose handler sent this one.
    #[must_use]
    pub fn causation_id(&self) -> Option<&Id> {
        self.causation_id.as_ref()
    }

    /// The W3C trace context, if the sender set one.
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.header(TRACEPARENT)
    }

    /// The correlation id, unless it is its own.
    pub(crate) fn inherited_correlation(&self) -> Option<&Id> {
        self.correlation_id.as_ref()
    }

    /// Whether its sender has set nothing and had nothing in hand.
    pub(crate) fn is_bare(&self) -> bool {
        self.headers.is_none() && self.correlation_id.is_none() && self.causation_id.is_none()
    }
}
