//! What a client needs of a transport to reach other processes: a [`Peer`], and what it is given to send; an [`Outlet`]
//! for events.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::decode::{from_text_guarded, write_json};
use crate::event::SharedEvent;
use crate::panics::guard;
use crate::pattern::{MessagePattern, Pattern, StreamPattern};
use crate::supervisor::{AnyCall, Call, Deadline, Refusal, StreamCall};
use crate::undefined::is_undefined;
use crate::wire::{from_data, wrapped_falsy};

/// Another process, reached by a transport.
pub(crate) trait Peer: Send + Sync + 'static {
    /// How it is named in errors and logs.
    fn name(&self) -> &str;

    /// Sends a request. What comes back is told to the request, and so is every reason why nothing does.
    ///
    /// # Errors
    ///
    /// If it is not taken at all.
    fn request(&self, request: Arc<dyn Outgoing>, deadline: Deadline, after: Duration)
    -> Result<(), Refusal>;

    /// How long a request waits that says nothing else.
    fn request_timeout(&self) -> Duration;
}

/// A peer that takes events too.
pub(crate) trait EventPeer: Peer {
    /// Sends an event.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    fn emit(&self, event: &SharedEvent) -> Result<(), String>;

    /// Sends an event and tells when its last byte has been handed to the peer's connection, or why it never was.
    /// Events are sent in the order of these calls.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    fn emit_tracked(&self, event: &SharedEvent) -> Result<oneshot::Receiver<Result<(), String>>, String>;
}

/// Where a node's events leave the process. They do not go to the node's own subscribers then: these get them from
/// where all others do.
pub(crate) trait Outlet: Send + Sync + 'static {
    /// Takes an event and never waits. What cannot be sent becomes a dead letter.
    fn emit(&self, event: SharedEvent);

    /// Sends an event, and resolves when it is known to be there, within that time.
    fn emit_confirmed(
        &self,
        event: SharedEvent,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>>;
}

/// Why an event is not known to be where it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unconfirmed {
    /// Nothing was heard of it in time: it may be there.
    Late,
    /// It was not taken, and is not there.
    Refused(String),
}

/// A request on its way to a peer.
pub(crate) trait Outgoing: AnyCall {
    /// The pattern, as JSON text.
    fn pattern(&self) -> &str;

    /// Adds the payload's JSON; false if there is no data, and then nothing is added.
    ///
    /// # Errors
    ///
    /// If the payload cannot be serialised, or nobody waits any more.
    fn write_payload(&self, json: &mut Vec<u8>) -> Result<bool, Refusal>;

    /// Whether it wants all values, and not only the first.
    fn is_stream(&self) -> bool {
        false
    }

    /// Takes a part of the response.
    fn answer(&self, answer: Answer<'_>);

    /// How many values it has taken that nobody has read yet.
    fn waiting(&self) -> usize {
        0
    }

    /// Ready when it can take another value: false if it wants none any more.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let _ = cx;
        Poll::Ready(!self.is_settled())
    }
}

/// A part of a peer's response; no value is JavaScript's `undefined`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer<'a> {
    /// A value after which others may come.
    Item(Option<&'a RawValue>),
    /// The only value, or the last.
    Last(Option<&'a RawValue>),
    /// There is no further value.
    End,
    /// An error, which is the end.
    Error(&'a RawValue),
    /// The peer has no handler for the pattern.
    NoHandler,
}

fn pattern<P: Pattern>() -> &'static str {
    P::PATTERNS.first().copied().unwrap_or("\"\"")
}

fn write<P: Pattern>(message: Option<P>, json: &mut Vec<u8>) -> Result<bool, Refusal> {
    let message = message.ok_or(Refusal::Unanswered { service: String::new() })?;
    if is_undefined(&message) {
        return Ok(false);
    }
    write_json(json, &message)
        .map(|()| true)
        .map_err(|error| Refusal::Encode { message: format!("the payload cannot be serialised: {error}") })
}

fn read<T: DeserializeOwned>(value: Option<&RawValue>) -> Result<T, Refusal> {
    let read = guard(|| from_data(value));
    let read = read.unwrap_or_else(|panic| Err(format!("its `Deserialize` panicked: {}", panic.message)));
    read.map_err(|error| {
        let wanted = std::any::type_name::<T>();
        let message = match value {
            Some(_) => format!("the response does not fit `{wanted}`: {error}"),
            None => format!("the service answered without a value, and `{wanted}` needs one"),
        };
        Refusal::Decode { message }
    })
}

/// The service's own error if it fits, or else the peer's.
fn read_error<E: DeserializeOwned>(error: &RawValue) -> Result<E, Refusal> {
    let own = |error: &RawValue| from_text_guarded(error.get()).ok();
    own(error).or_else(|| own(wrapped_falsy(error)?)).ok_or_else(|| remote(error))
}

fn remote(error: &RawValue) -> Refusal {
    match serde_json::from_str(error.get()) {
        Ok(error) => Refusal::Remote { error },
        Err(problem) => Refusal::Decode { message: format!("the error cannot be read: {problem}") },
    }
}

impl<M: MessagePattern> Outgoing for Call<M>
where
    M::Result: Send,
{
    fn pattern(&self) -> &str {
        pattern::<M>()
    }

    fn write_payload(&self, json: &mut Vec<u8>) -> Result<bool, Refusal> {
        write(self.take_message(), json)
    }

    fn answer(&self, answer: Answer<'_>) {
        let response = match answer {
            Answer::Item(value) | Answer::Last(value) => read(value).map(Ok),
            Answer::End => read(None).map(Ok),
            Answer::Error(error) => read_error(error).map(Err),
            Answer::NoHandler => Err(Refusal::NoHandler),
        };
        match response {
            Ok(response) => Self::answer(self, response),
            Err(refusal) => self.refuse(refusal),
        }
    }
}

impl<S: StreamPattern> Outgoing for StreamCall<S> {
    fn pattern(&self) -> &str {
        pattern::<S>()
    }

    fn write_payload(&self, json: &mut Vec<u8>) -> Result<bool, Refusal> {
        write(self.take_message(), json)
    }

    fn is_stream(&self) -> bool {
        true
    }

    fn answer(&self, answer: Answer<'_>) {
        let items = &self.items;
        match answer {
            Answer::Item(value) | Answer::Last(value) => match read(value) {
                Ok(item) => items.push(Ok(item)),
                Err(refusal) => items.finish(Err(refusal)),
            },
            Answer::End => {}
            Answer::Error(error) => match read_error(error) {
                Ok(error) => items.push(Err(error)),
                Err(refusal) => items.finish(Err(refusal)),
            },
            Answer::NoHandler => items.finish(Err(Refusal::NoHandler)),
        }
        if matches!(answer, Answer::Last(_) | Answer::End) {
            items.finish(Ok(()));
        }
    }

    fn waiting(&self) -> usize {
        self.items.len()
    }

    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<bool> {
        self.items.poll_room(cx)
    }
}
