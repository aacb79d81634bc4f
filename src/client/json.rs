//! A request to a peer whose types are known to nobody here: JSON both ways.

use std::any::Any;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::metadata::Metadata;
use crate::peer::{Answer, Outgoing};
use crate::scope::HasMetadata;
use crate::supervisor::{AnyCall, ItemQueue, Pending, PendingItems, Refusal};

/// A response in JSON, or the service's own error.
pub(crate) type JsonResult = Result<Value, Value>;

/// The request, and the values that have come.
pub(super) struct JsonRequest {
    metadata: Metadata,
    /// JSON text.
    pattern: String,
    payload: Mutex<Option<Value>>,
    /// Its sender wants all values.
    all: bool,
    items: ItemQueue<Value, Value>,
}

impl JsonRequest {
    pub(super) fn new(metadata: Metadata, pattern: &Value, payload: Value, all: bool) -> Self {
        let (pattern, payload) = (pattern.to_string(), Mutex::new(Some(payload)));
        Self { metadata, pattern, payload, all, items: ItemQueue::default() }
    }
}

fn read(json: &RawValue) -> Result<Value, Refusal> {
    serde_json::from_str(json.get())
        .map_err(|error| Refusal::Decode { message: format!("the response cannot be read: {error}") })
}

impl HasMetadata for JsonRequest {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

impl AnyCall for JsonRequest {
    fn refuse(&self, refusal: Refusal) {
        self.items.finish(Err(refusal));
    }

    fn expire(&self, after: Duration) {
        self.items.finish_unless_begun(Refusal::Timeout { after });
    }

    fn is_settled(&self) -> bool {
        self.items.is_settled()
    }

    fn set_runner(&self, runner: &Waker) {
        self.items.set_runner(runner);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Outgoing for JsonRequest {
    fn pattern(&self) -> &str {
        &self.pattern
    }

    fn write_payload(&self, json: &mut Vec<u8>) -> Result<bool, Refusal> {
        let payload = self.payload.lock().take();
        let payload = payload.ok_or(Refusal::Unanswered { service: String::new() })?;
        serde_json::to_writer(&mut *json, &payload).map(|()| true).map_err(|error| Refusal::Encode {
            message: format!("the payload cannot be serialised: {error}"),
        })
    }

    fn is_stream(&self) -> bool {
        self.all
    }

    fn answer(&self, answer: Answer<'_>) {
        let item = match answer {
            Answer::Item(None) | Answer::Last(None) => Ok(Ok(Value::Null)),
            Answer::Item(Some(value)) | Answer::Last(Some(value)) => read(value).map(Ok),
            Answer::Error(error) => read(error).map(Err),
            Answer::NoHandler => Err(Refusal::NoHandler),
            Answer::End if self.all || self.items.has_begun() => return self.items.finish(Ok(())),
            // A response without a value.
            Answer::End => Ok(Ok(Value::Null)),
        };
        match item {
            Ok(item) => self.items.push(item),
            Err(refusal) => self.items.finish(Err(refusal)),
        }
        if !matches!(answer, Answer::Item(_)) || !self.all {
            self.items.finish(Ok(()));
        }
    }

    fn waiting(&self) -> usize {
        self.items.len()
    }

    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<bool> {
        self.items.poll_room(cx)
    }
}

impl Pending<JsonResult> for JsonRequest {
    fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Result<JsonResult, Box<Refusal>>> {
        self.items.poll_item(cx).map(|item| item.unwrap_or(Ok(Ok(Value::Null))).map_err(Box::new))
    }

    fn abandon(&self) {
        self.items.leave();
    }
}

impl PendingItems<Value, Value> for JsonRequest {
    fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<JsonResult, Refusal>>> {
        self.items.poll_item(cx)
    }

    fn leave(&self) {
        self.items.leave();
    }
}
