//! How a replay reaches its subscription, and how a dead letter becomes an event.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::events::DeadLettered;
use super::services::Services;
use crate::client::{Client, Core};
use crate::dead_letter::{Announce, DeadLetter, Reason, Redeliver, Redelivery};
use crate::event::{Envelope, SharedEvent};
use crate::metadata::Metadata;
use crate::peer::Unconfirmed;
use crate::registry::{self, BroadcastConfirmed};

/// How long a replay waits for room in its lane.
const ROOM: Duration = Duration::from_secs(30);

/// The node, as its dead letters know it.
pub(super) struct Replayer {
    /// Weak: the core knows the dead letters too.
    pub(super) core: Weak<Core>,
    pub(super) services: Arc<Services>,
}

impl Redeliver for Replayer {
    fn redeliver(&self, letter: Arc<DeadLetter>) -> BoxFuture<'static, Redelivery> {
        let Some(core) = self.core.upgrade().filter(Core::admits) else {
            return not_taken("the node has shut down");
        };
        let event = restore(&letter);
        if letter.service.is_empty() {
            return Box::pin(broadcast(core, event));
        }
        let Some(target) = self.services.target(&letter.service, &letter.subscription, &letter.route) else {
            let wanted =
                format!("service `{}` has no subscription to `{}`", letter.service, letter.subscription);
            return not_taken(&wanted);
        };
        let (reply, redelivery) = oneshot::channel();
        let message = registry::Redeliver { event, target, timeout: ROOM, reply };
        if core.registry.try_send(message).is_err() {
            return not_taken("the node has shut down");
        }
        Box::pin(async move {
            redelivery.await.unwrap_or_else(|_| Redelivery::NotTaken("the node has shut down".to_owned()))
        })
    }
}

/// An event that reached no subscription goes to all there are now; one that did not leave the process tries again.
async fn broadcast(core: Arc<Core>, event: SharedEvent) -> Redelivery {
    core.counters.emitted.fetch_add(1, Ordering::SeqCst);
    let internal = core.keeps(event.metadata().route());
    if let Some(outlet) = core.outlet(&event, internal) {
        core.counters.sent.fetch_add(1, Ordering::SeqCst);
        return match outlet.emit_confirmed(event, ROOM).await {
            Ok(()) => Redelivery::Handled,
            Err(Unconfirmed::Refused(reason)) => Redelivery::NotTaken(reason),
            Err(Unconfirmed::Late) => {
                Redelivery::NotTaken(format!("the broker has not confirmed it within {ROOM:?}"))
            }
        };
    }
    let (reply, outcome) = oneshot::channel();
    if core.registry.try_send(BroadcastConfirmed { event, timeout: ROOM, reply }).is_err() {
        core.counters.emit_refused();
    }
    match outcome.await {
        Ok(outcome) if outcome.confirmed.subscribers == 0 => {
            Redelivery::NotTaken("no service subscribes to the event".to_owned())
        }
        Ok(outcome) if outcome.confirmed.taken > 0 => Redelivery::Handled,
        Ok(_) => Redelivery::NotTaken("no subscriber has room".to_owned()),
        Err(_) => Redelivery::NotTaken("the node has shut down".to_owned()),
    }
}

fn not_taken(why: &str) -> BoxFuture<'static, Redelivery> {
    Box::pin(std::future::ready(Redelivery::NotTaken(why.to_owned())))
}

/// The event of a dead letter, under its old id.
fn restore(letter: &DeadLetter) -> SharedEvent {
    let metadata = Metadata::restored(
        letter.route.clone(),
        letter.event_id.clone(),
        letter.emitted_at,
        letter.headers.clone(),
        Some(letter.correlation_id.clone()),
        letter.causation_id.clone(),
    );
    // What was refused as invalid came from outside the process, and is validated again.
    if letter.reason == Reason::Invalid {
        return Arc::new(Envelope::foreign(metadata, Some(letter.payload.get())));
    }
    Arc::new(Envelope::<Box<RawValue>>::new(metadata, letter.payload.clone()))
}

impl Announce for Replayer {
    fn announce(&self, letter: &Arc<DeadLetter>) {
        if let Some(core) =
            self.core.upgrade().filter(|core| core.counters.own_wanted.load(Ordering::Acquire))
        {
            Client::new(core).emit(DeadLettered { letter: Arc::clone(letter) });
        }
    }
}
