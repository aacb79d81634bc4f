//! Makes the record of a failed event.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use serde_json::value::RawValue;
use uuid::Builder;

use super::failure::{Failure, History, MAX_MESSAGE, cut};
use super::fingerprint::fingerprint;
use super::millis;
use super::reason::Reason;
use super::record::{DeadLetter, Status};
use crate::event::SharedEvent;
use crate::metadata::Id;

/// Where letters come from: what every letter of one node has in common.
#[derive(Debug)]
pub(super) struct Origin {
    node: String,
    version: String,
    host: String,
    pid: u32,
    ids: Ids,
}

impl Origin {
    pub(super) fn new(node: String, version: String) -> Self {
        let host = gethostname::gethostname().to_string_lossy().into_owned();
        Self { node, version, host, pid: std::process::id(), ids: Ids::default() }
    }

    /// An id that is greater than that of every letter made before.
    pub(super) fn next_id(&self) -> Id {
        self.ids.next(SystemTime::now())
    }

    /// The record of `event`, which `service` could not handle.
    pub(super) fn letter(
        &self,
        event: &SharedEvent,
        service: &str,
        subscription: &str,
        failure: Failure,
        history: Option<History>,
    ) -> DeadLetter {
        let now = millis::rounded(SystemTime::now());
        let metadata = event.metadata();
        let fingerprint = fingerprint(service, failure.reason, &failure.error_type, &failure.message);
        let history = history.unwrap_or_default();
        let (first_failed_at, failed_at) = history.failed_at().unwrap_or((now, now));
        let mut letter = DeadLetter {
            id: self.ids.next(now),
            event_id: metadata.id().clone(),
            route: metadata.route().clone(),
            payload: RawValue::NULL.to_owned(),
            service: service.to_owned(),
            subscription: subscription.to_owned(),
            reason: failure.reason,
            error_type: failure.error_type,
            error_message: failure.message,
            error_chain: failure.chain,
            panic_location: failure.panic_location,
            attempts: history.attempts(),
            attempt_log: history.into_log(),
            emitted_at: millis::rounded(metadata.emitted_at()),
            first_failed_at,
            failed_at,
            headers: metadata.headers().clone(),
            correlation_id: metadata.correlation_id().clone(),
            causation_id: metadata.causation_id().cloned(),
            traceparent: metadata.traceparent().map(str::to_owned),
            node: self.node.clone(),
            host: self.host.clone(),
            pid: self.pid,
            version: self.version.clone(),
            fingerprint,
            status: Status::New,
            replay_count: 0,
        };
        match payload(event) {
            Ok(payload) => letter.payload = payload,
            Err(error) => without_payload(&mut letter, &error),
        }
        letter
    }
}

fn payload(event: &SharedEvent) -> Result<Box<RawValue>, String> {
    let json = event.json().map_err(str::to_owned)?;
    RawValue::from_string(json.to_owned()).map_err(|error| error.to_string())
}

fn without_payload(letter: &mut DeadLetter, error: &str) {
    let lost = format!("; its payload cannot be serialised and is not kept: {error}");
    cut(&mut letter.error_message, MAX_MESSAGE.saturating_sub(lost.len()));
    letter.error_message.push_str(&lost);
    cut(&mut letter.error_message, MAX_MESSAGE);
    // What a handler did with the event says more than that its record has no payload.
    let handled_badly = matches!(
        letter.reason,
        Reason::HandlerError | Reason::Panic | Reason::Timeout | Reason::Decode | Reason::Invalid
    );
    if !handled_badly {
        letter.reason = Reason::Encode;
        letter.fingerprint = fingerprint(&letter.service, Reason::Encode, &letter.error_type, error);
    }
}

/// UUIDv7s that rise with every call: the millisecond and a count within it.
#[derive(Debug, Default)]
struct Ids {
    /// Milliseconds since the epoch, times 4096, plus the count.
    last: AtomicU64,
}

impl Ids {
    fn next(&self, time: SystemTime) -> Id {
        let now = u64::try_from(millis::of(time)).unwrap_or(0) << 12;
        let last =
            self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + 1)));
        let (Ok(last) | Err(last)) = last;
        let next = now.max(last + 1);
        let mut tail = fastrand::u128(..).to_le_bytes();
        tail[0] = ((next >> 8) & 0x0f) as u8;
        tail[1] = (next & 0xff) as u8;
        let [a, b, c, d, e, f, g, h, i, j, ..] = tail;
        Id::from(Builder::from_unix_timestamp_millis(next >> 12, &[a, b, c, d, e, f, g, h, i, j]).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ids_rise_within_a_millisecond_and_when_the_clock_goes_back() {
        let ids = Ids::default();
        let now = SystemTime::now();
        let mut last = ids.next(now);
        for n in 0..10_000 {
            let next = ids.next(if n % 2 == 0 { now } else { now - Duration::from_secs(1) });
            assert!(last < next && last.to_string() < next.to_string(), "{last} {next}");
            last = next;
        }
    }
}
