//! Requests of any type, from and to JSON text: what comes from outside the process, or from a caller that has another
//! type on the route.

use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde::Serialize;

use crate::decode::write_json;
use crate::metadata::Metadata;
use crate::panics::{discard, guard};
use crate::pattern::{MessagePattern, Pattern, StreamPattern};
use crate::scope::HasMetadata;
use crate::supervisor::{AnyCall, Call, Pending, PendingItems, Refusal, StreamCall};
use crate::undefined::is_undefined;
use crate::wire::read_data;

/// Makes a typed request from JSON text, as it comes from outside the process; None is no data at all.
pub(crate) type Erase = fn(Metadata, Option<&str>) -> Result<Arc<dyn Erased>, Refusal>;

/// A request whose response is wanted as JSON text.
pub(crate) trait Erased: AnyCall {
    /// The next part of the response; its JSON is added to `json`.
    fn poll_part(&self, cx: &mut Context<'_>, json: &mut Vec<u8>) -> Poll<Part>;
    /// The sender does not wait any longer.
    fn abandon(&self);
}

/// A part of a response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// A value after which others come, or the end.
    Item(Shape),
    /// The only value, or the last.
    Last(Shape),
    /// There is no further value.
    End,
    /// The service's own error, which is the end.
    Error,
    /// Why there is no response, or no more of it.
    Refused(Refusal),
}

/// Whether a value is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Value,
    /// JavaScript's `undefined`: `null` where there must be something.
    Undefined,
}

/// Makes a request for `M`.
pub(crate) fn message<M>(metadata: Metadata, payload: Option<&str>) -> Result<Arc<dyn Erased>, Refusal>
where
    M: MessagePattern,
    M::Result: Send,
{
    Ok(Arc::new(ErasedMessage(Call::new(metadata, read::<M>(payload)?))))
}

/// Makes a request for `S`.
pub(crate) fn stream<S: StreamPattern>(
    metadata: Metadata,
    payload: Option<&str>,
) -> Result<Arc<dyn Erased>, Refusal> {
    Ok(Arc::new(ErasedStream(StreamCall::new(metadata, read::<S>(payload)?))))
}

fn read<P: Pattern>(payload: Option<&str>) -> Result<P, Refusal> {
    let payload: P = guard(|| read_data(payload))
        .map_err(|panic| faulty("the payload's `Deserialize` panicked", &panic.message))?
        .map_err(|error| Refusal::Decode { message: format!("the payload does not fit: {error}") })?;
    match guard(|| payload.validate()) {
        Ok(Ok(())) => Ok(payload),
        Ok(Err(message)) => Err(Refusal::Invalid { message }),
        Err(panic) => {
            let message = format!("`validate` panicked: {}", panic.message);
            Err(Refusal::Faulty { message, in_validate: true })
        }
    }
}

/// Adds the JSON of a value; a type whose `Serialize` fails or panics leaves nothing behind.
fn write<T: Serialize + 'static>(json: &mut Vec<u8>, value: &T) -> Result<Shape, Refusal> {
    let before = json.len();
    let problem = match write_json(json, value) {
        // Asking calls its `Serialize` too.
        Ok(()) => match guard(|| is_undefined(value)) {
            Ok(true) => return Ok(Shape::Undefined),
            Ok(false) => return Ok(Shape::Value),
            Err(panic) => panic.message,
        },
        Err(message) => message,
    };
    json.truncate(before);
    Err(faulty("the response cannot be serialised", &problem))
}

/// Uses a value for the last time; its `Drop` may panic.
fn take<T, R>(value: T, with: impl FnOnce(&T) -> R) -> R {
    let used = with(&value);
    discard(value);
    used
}

fn faulty(what: &str, message: &str) -> Refusal {
    Refusal::Faulty { message: format!("{what}: {message}"), in_validate: false }
}

struct ErasedMessage<M: MessagePattern>(Call<M>);

impl<M: MessagePattern> Erased for ErasedMessage<M>
where
    M::Result: Send,
{
    fn poll_part(&self, cx: &mut Context<'_>, json: &mut Vec<u8>) -> Poll<Part> {
        self.0.poll_reply(cx).map(|reply| {
            let part = match reply {
                Ok(Ok(response)) => take(response, |it| write(json, it)).map(Part::Last),
                Ok(Err(error)) => take(error, |it| write(json, it)).map(|_| Part::Error),
                Err(refusal) => Err(*refusal),
            };
            part.unwrap_or_else(Part::Refused)
        })
    }

    fn abandon(&self) {
        self.0.abandon();
    }
}

struct ErasedStream<S: StreamPattern>(StreamCall<S>);

impl<S: StreamPattern> Erased for ErasedStream<S> {
    fn poll_part(&self, cx: &mut Context<'_>, json: &mut Vec<u8>) -> Poll<Part> {
        self.0.poll_item(cx).map(|item| {
            let part = match item {
                None => Ok(Part::End),
                // An item that is known to be the last says so, as NestJS does.
                Some(Ok(Ok(item))) if self.0.items.is_at_end() => {
                    take(item, |it| write(json, it)).map(Part::Last)
                }
                Some(Ok(Ok(item))) => take(item, |it| write(json, it)).map(Part::Item),
                Some(Ok(Err(error))) => take(error, |it| write(json, it)).map(|_| Part::Error),
                Some(Err(refusal)) => Err(refusal),
            };
            part.unwrap_or_else(|refusal| {
                self.0.leave();
                Part::Refused(refusal)
            })
        })
    }

    fn abandon(&self) {
        self.0.leave();
    }
}

macro_rules! delegate_call {
    ($($name:ident: $pattern:ident),+) => {
        $(
            impl<P: $pattern> HasMetadata for $name<P> {
                fn metadata(&self) -> &Metadata {
                    self.0.metadata()
                }
            }

            impl<P: $pattern> AnyCall for $name<P>
            where
                P::Result: Send,
            {
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
                    &self.0
                }
            }
        )+
    };
}

delegate_call!(ErasedMessage: MessagePattern, ErasedStream: StreamPattern);
