//! A request to a service that has another Rust type on the same route, or of a caller that has none: both are
//! translated through JSON.

use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::decode::from_text;
use crate::erased::{Erased, Part, Shape};
use crate::metadata::Metadata;
use crate::scope::HasMetadata;
use crate::supervisor::{AnyCall, Pending, PendingItems, Refusal};
use crate::wire::read_data;

/// A request in the service's type, whose sender wants another.
pub(super) struct Translated(pub(super) Arc<dyn Erased>);

/// The payload as JSON text.
pub(super) fn payload<P: Serialize>(payload: &P) -> Result<String, Refusal> {
    serde_json::to_string(payload)
        .map_err(|error| Refusal::Decode { message: format!("the payload cannot be serialised: {error}") })
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
        self.0.metadata()
    }
}

impl AnyCall for Translated {
    fn refuse(&self, refusal: Refusal) {
        self.0.refuse(refusal);
    }

    fn expire(&self, after: Duration) {
        self.0.expire(after);
    }

    fn is_settled(&self) -> bool {
        self.0.is_settled()
    }

    fn set_runner(&self, runner: &Waker) {
        self.0.set_runner(runner);
    }

    fn as_any(&self) -> &dyn Any {
        self.0.as_any()
    }
}

impl<T, E> Pending<Result<T, E>> for Translated
where
    T: DeserializeOwned,
    E: DeserializeOwned,
{
    fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Result<Result<T, E>, Refusal>> {
        let mut json = Vec::new();
        let part = std::task::ready!(self.0.poll_part(cx, &mut json));
        if matches!(part, Part::Item(_)) {
            // A stream: its first value is the response.
            self.0.abandon();
        }
        let none = || Err(misfit("the stream ended without a value".to_owned()));
        Poll::Ready(read(part, &json).unwrap_or_else(none))
    }

    fn abandon(&self) {
        self.0.abandon();
    }
}

impl<T, E> PendingItems<T, E> for Translated
where
    T: DeserializeOwned,
    E: DeserializeOwned,
{
    fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Result<T, E>, Refusal>>> {
        let mut json = Vec::new();
        self.0.poll_part(cx, &mut json).map(|part| read(part, &json))
    }

    fn leave(&self) {
        self.0.abandon();
    }
}
