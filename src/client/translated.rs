//! A request to a service that has another Rust type on the same route, or of a caller that has none: both are
//! translated through JSON.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::decode::{from_text, write_json};
use crate::erased::{Erased, Part, Shape};
use crate::metadata::Metadata;
use crate::scope::HasMetadata;
use crate::supervisor::{AnyCall, Pending, PendingItems, Refusal};
use crate::wire::read_data;

/// A request in the service's type, whose sender wants another.
pub(super) struct Translated {
    call: Arc<dyn Erased>,
    /// Its last value has been read: a message has no other, and does not say so again.
    ended: AtomicBool,
}

impl Translated {
    pub(super) fn new(call: Arc<dyn Erased>) -> Self {
        Self { call, ended: AtomicBool::new(false) }
    }
}

/// The payload as JSON text.
pub(super) fn payload<P: Serialize>(payload: &P) -> Result<String, Refusal> {
    let mut json = Vec::new();
    write_json(&mut json, payload)
        .map_err(|error| Refusal::Encode { message: format!("the payload cannot be serialised: {error}") })?;
    // What serde_json has written is UTF-8.
    Ok(String::from_utf8(json).unwrap_or_default())
}

/// The next value of a response, or its end.
fn read<T, E>(part: Part, json: &[u8]) -> Option<Result<Result<T, E>, Refusal>>
where
    T: DeserializeOwned,
    E: DeserializeOwned,
{
    // What serde_json has written is UTF-8.
    let text = std::str::from_utf8(json).unwrap_or_default();
    Some(match part {
        Part::Item(_) | Part::Last(Shape::Value) => from_text(text).map(Ok).map_err(|error| {
            misfit(format!("the response does not fit `{}`: {error}", std::any::type_name::<T>()))
        }),
        Part::Last(Shape::Undefined) => read_data(None).map(Ok).map_err(|error| {
            misfit(format!("the response does not fit `{}`: {error}", std::any::type_name::<T>()))
        }),
        Part::Error => from_text(text).map(Err).map_err(|error| {
            let wanted = std::any::type_name::<E>();
            misfit(format!("the service's error {text} does not fit `{wanted}`: {error}"))
        }),
        Part::Refused(refusal) => Err(refusal),
        Part::End => return None,
    })
}

fn misfit(message: String) -> Refusal {
    Refusal::Decode { message }
}

impl HasMetadata for Translated {
    fn metadata(&self) -> &Metadata {
        self.call.metadata()
    }
}

impl AnyCall for Translated {
    fn refuse(&self, refusal: Refusal) {
        self.call.refuse(refusal);
    }

    fn expire(&self, after: Duration) {
        self.call.expire(after);
    }

    fn is_settled(&self) -> bool {
        self.call.is_settled()
    }

    fn set_runner(&self, runner: &Waker) {
        self.call.set_runner(runner);
    }

    fn as_any(&self) -> &dyn Any {
        self.call.as_any()
    }
}

impl<T, E> Pending<Result<T, E>> for Translated
where
    T: DeserializeOwned,
    E: DeserializeOwned,
{
    fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Result<Result<T, E>, Box<Refusal>>> {
        let mut json = Vec::new();
        let part = std::task::ready!(self.call.poll_part(cx, &mut json));
        if matches!(part, Part::Item(_)) {
            // A stream: its first value is the response.
            self.call.abandon();
        }
        let none = || Err(misfit("the stream ended without a value".to_owned()));
        Poll::Ready(read(part, &json).unwrap_or_else(none).map_err(Box::new))
    }

    fn abandon(&self) {
        self.call.abandon();
    }
}

impl<T, E> PendingItems<T, E> for Translated
where
    T: DeserializeOwned,
    E: DeserializeOwned,
{
    fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Result<T, E>, Refusal>>> {
        if self.ended.load(Ordering::Relaxed) {
            return Poll::Ready(None);
        }
        let mut json = Vec::new();
        let part = std::task::ready!(self.call.poll_part(cx, &mut json));
        if matches!(part, Part::Last(_)) {
            self.ended.store(true, Ordering::Relaxed);
        }
        Poll::Ready(read(part, &json))
    }

    fn leave(&self) {
        self.call.abandon();
    }
}
