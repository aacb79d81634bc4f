//! What a client needs of a transport to reach another process: a [`Peer`], and what it is given to send.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::event::SharedEvent;
use crate::pattern::{MessagePattern, Pattern, StreamPattern};
use crate::supervisor::{AnyCall, Call, Deadline, Refusal, StreamCall};
use crate::wire::{is_undefined, read_data};

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

    /// Sends an event.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    fn emit(&self, event: &SharedEvent) -> Result<(), String>;

    /// Sends an event and tells when it has been written to the peer's connection, or why it has not.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    fn emit_tracked(&self, event: &SharedEvent) -> Result<oneshot::Receiver<Result<(), String>>, String>;

    /// How long a request waits that says nothing else.
    fn request_timeout(&self) -> Duration;
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

    /// Ready when it can take another value: false if it wants none any more.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let _ = cx;
        Poll::Ready(!self.is_settled())
    }
}

/// A part of a peer's response, in JSON text; no text is JavaScript's `undefined`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer<'a> {
    /// A value after which others may come.
    Item(Option<&'a str>),
    /// The only value, or the last.
    Last(Option<&'a str>),
    /// There is no further value.
    End,
    /// An error, which is the end.
    Error(&'a str),
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
    let before = json.len();
    serde_json::to_writer(&mut *json, &message).map(|()| true).map_err(|error| {
        json.truncate(before);
        Refusal::Decode { message: format!("the payload cannot be serialised: {error}") }
    })
}

fn read<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<T, Refusal> {
    read_data(text).map_err(|error| Refusal::Decode {
        message: format!("the response does not fit `{}`: {error}", std::any::type_name::<T>()),
    })
}

/// The service's own error if it fits, or else the peer's.
fn read_error<E: serde::de::DeserializeOwned>(text: &str) -> Result<E, Refusal> {
    serde_json::from_str(text).map_err(|_| match serde_json::from_str(text) {
        Ok(error) => Refusal::Remote { error },
        Err(error) => Refusal::Decode { message: format!("the error cannot be read: {error}") },
    })
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
            Answer::Item(text) | Answer::Last(text) => read(text).map(Ok),
            Answer::End => read(None).map(Ok),
            Answer::Error(text) => read_error(text).map(Err),
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
            Answer::Item(text) | Answer::Last(text) => match read(text) {
                Ok(item) => items.push(Ok(item)),
                Err(refusal) => items.finish(Err(refusal)),
            },
            Answer::End => {}
            Answer::Error(text) => match read_error(text) {
                Ok(error) => items.push(Err(error)),
                Err(refusal) => items.finish(Err(refusal)),
            },
            Answer::NoHandler => items.finish(Err(Refusal::NoHandler)),
        }
        if matches!(answer, Answer::Last(_) | Answer::End) {
            items.finish(Ok(()));
        }
    }

    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<bool> {
        self.items.poll_room(cx)
    }
}
