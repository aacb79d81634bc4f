//! Requests as messages.

use std::sync::atomic::Ordering;

use async_nats::HeaderMap;
use async_nats::message::OutboundMessage;

use super::super::message::add_metadata;
use super::super::subject::subject_of;
use super::Calls;
use crate::peer::Outgoing;
use crate::supervisor::Refusal;

/// No more room than this is made for what may be small.
const LARGE: usize = 16 * 1024;

/// A request, with the id by which its answers are known.
///
/// # Errors
///
/// If its route is no subject, its payload cannot be serialised, or nobody waits for it any more.
pub(super) fn request(calls: &Calls, call: &dyn Outgoing, id: u64) -> Result<OutboundMessage, Refusal> {
    let metadata = call.metadata();
    let subject = subject_of(metadata.route()).map_err(|message| Refusal::Invalid { message })?;
    // A little more: its id may be longer.
    let mut json = Vec::with_capacity(calls.last_size.load(Ordering::Relaxed).min(LARGE) + 64);
    json.extend_from_slice(br#"{"pattern":"#);
    json.extend_from_slice(call.pattern().as_bytes());
    let before = json.len();
    json.extend_from_slice(br#","data":"#);
    if !call.write_payload(&mut json)? {
        json.truncate(before);
    }
    json.extend_from_slice(br#","id":""#);
    json.extend_from_slice(itoa::Buffer::new().format(id).as_bytes());
    json.extend_from_slice(br#""}"#);
    calls.last_size.store(json.len(), Ordering::Relaxed);
    // Ids are made only when somebody looks: a request that inherits nothing goes without.
    let headers = if metadata.is_bare() {
        None
    } else {
        let mut headers = HeaderMap::new();
        add_metadata(&mut headers, metadata).map_err(|message| Refusal::Encode { message })?;
        Some(headers)
    };
    Ok(OutboundMessage { subject, reply: Some(calls.reply_to(id)), payload: json.into(), headers })
}
