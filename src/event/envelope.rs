//! Payload and metadata in one allocation.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use crate::metadata::Metadata;
use crate::undefined::is_undefined;

/// An event of any type, shared by all its subscribers.
pub(crate) type SharedEvent = Arc<dyn AnyEnvelope>;

/// A payload with its metadata.
pub(crate) struct Envelope<P> {
    pub(crate) metadata: Metadata,
    pub(crate) payload: P,
    /// The payload as JSON, made once for all who ask.
    json: OnceLock<Result<Box<str>, String>>,
}

impl<P> Envelope<P> {
    #[inline(always)]
    pub(crate) fn new(metadata: Metadata, payload: P) -> Self {
        Self { metadata, payload, json: OnceLock::new() }
    }
}

/// The payload of an event from outside the process: JSON, which each subscriber reads into its own type and
/// validates.
#[derive(Serialize)]
pub(crate) struct Foreign {
    /// There was no data, for which the JSON, that has no `undefined`, says `null`.
    pub(crate) absent: bool,
}

impl Envelope<Foreign> {
    /// An event whose payload is JSON text; none is no data at all.
    pub(crate) fn foreign(metadata: Metadata, json: Option<&str>) -> Self {
        let payload = Foreign { absent: json.is_none() };
        Self { metadata, payload, json: OnceLock::from(Ok(json.unwrap_or("null").into())) }
    }
}

/// What can be done with an envelope without knowing its payload's type.
pub(crate) trait AnyEnvelope: Send + Sync + 'static {
    fn metadata(&self) -> &Metadata;
    /// The payload as JSON, or why it has none: serde's error, or a panic in the type's `Serialize`.
    fn json(&self) -> Result<&str, &str>;
    /// Whether there is no payload, for which the JSON, that has no `undefined`, says `null`.
    fn is_absent(&self) -> bool;
    fn as_any(&self) -> &dyn Any;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<P: Serialize + Send + Sync + 'static> AnyEnvelope for Envelope<P> {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn json(&self) -> Result<&str, &str> {
        let json = self.json.get_or_init(|| {
            match catch_unwind(AssertUnwindSafe(|| serde_json::to_string(&self.payload))) {
                Ok(Ok(text)) => Ok(text.into_boxed_str()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("its Serialize impl panicked".to_owned()),
            }
        });
        json.as_deref().map_err(String::as_str)
    }

    fn is_absent(&self) -> bool {
        let payload: &dyn Any = &self.payload;
        match payload.downcast_ref::<Foreign>() {
            Some(foreign) => foreign.absent,
            None => self.json() == Ok("null") && is_undefined(&self.payload),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl fmt::Debug for dyn AnyEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("metadata", self.metadata()).finish_non_exhaustive()
    }
}
