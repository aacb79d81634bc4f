//! Requests and events as frames. The caller's thread writes them, so that the connection's task only copies bytes.

use std::cell::Cell;

use serde::Serialize;

use crate::event::SharedEvent;
use crate::metadata::Metadata;
use crate::peer::Outgoing;
use crate::supervisor::Refusal;
use crate::transport::tcp::metadata;
use crate::undefined::is_undefined;
use crate::wire::{self, EncodeError};

/// A thread's buffer is kept for the next frame up to this capacity, in bytes.
const KEPT: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Runs `run` with an empty buffer. A `Serialize` that itself emits something finds another one.
pub(super) fn with_scratch<R>(run: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut scratch = SCRATCH.take();
    let result = run(&mut scratch);
    if scratch.capacity() <= KEPT {
        scratch.clear();
        SCRATCH.set(scratch);
    }
    result
}

/// Appends the frame of a request.
///
/// # Errors
///
/// If its payload cannot be serialised, or nobody waits for it any more.
pub(super) fn request(frame: &mut Vec<u8>, call: &dyn Outgoing, id: u64) -> Result<(), Refusal> {
    let mut refusal = None;
    wire::frame(frame, |json| {
        json.extend_from_slice(br#"{"pattern":"#);
        json.extend_from_slice(call.pattern().as_bytes());
        json.extend_from_slice(br#","data":"#);
        let before = json.len();
        match call.write_payload(json) {
            Ok(true) => {}
            Ok(false) => json.truncate(before - br#","data":"#.len()),
            Err(error) => {
                refusal = Some(error);
                return Err(EncodeError::Serialize(String::new()));
            }
        }
        // Ids are made only when somebody looks: a request that inherits nothing goes without.
        if !call.metadata().is_bare() {
            with_metadata(json, call.metadata());
        }
        json.extend_from_slice(br#","id":""#);
        json.extend_from_slice(itoa::Buffer::new().format(id).as_bytes());
        json.extend_from_slice(br#""}"#);
        Ok(())
    })
    .map_err(|error| refusal.unwrap_or_else(|| Refusal::Encode { message: format!("the payload: {error}") }))
}

/// Appends the frame of an event whose payload has this type.
///
/// # Errors
///
/// If its payload cannot be serialised.
pub(super) fn event<T: Serialize + 'static>(
    frame: &mut Vec<u8>,
    metadata: &Metadata,
    payload: &T,
) -> Result<(), EncodeError> {
    event_with(frame, metadata, |json| {
        if !is_undefined(payload) {
            json.extend_from_slice(br#","data":"#);
            serde_json::to_writer(json, payload)?;
        }
        Ok(())
    })
}

/// Appends the frame of an event of any type.
///
/// # Errors
///
/// If its payload cannot be serialised.
pub(super) fn shared_event(frame: &mut Vec<u8>, event: &SharedEvent) -> Result<(), EncodeError> {
    let payload = event.json().map_err(|error| EncodeError::Serialize(error.to_owned()))?;
    event_with(frame, event.metadata(), |json| {
        if !event.is_absent() {
            json.extend_from_slice(br#","data":"#);
            json.extend_from_slice(payload.as_bytes());
        }
        Ok(())
    })
}

/// As NestJS does it, the pattern of an event is its route, as a string. Its id always goes along, so that a dead letter
/// at the other end names the same event.
fn event_with(
    frame: &mut Vec<u8>,
    metadata: &Metadata,
    payload: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    wire::frame(frame, |json| {
        json.extend_from_slice(br#"{"pattern":"#);
        metadata::text(json, metadata.route().as_str());
        payload(json)?;
        with_metadata(json, metadata);
        json.push(b'}');
        Ok(())
    })
}

fn with_metadata(json: &mut Vec<u8>, metadata: &Metadata) {
    json.extend_from_slice(br#","metadata":"#);
    metadata::write(json, metadata);
}
