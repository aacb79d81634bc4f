//! What a service has not handled yet, kept outside actix's mailbox: lanes of events, a lane of requests, and the
//! ledger, under one lock but for what [`direct`] counts. It does not know the actor's type, so that one registry can fill every inbox.

mod confirm;
mod direct;
mod item;
mod lane;
mod locked;
mod receipt;
mod requests;
mod state;
mod stats;
mod step;
mod target;
mod work;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

pub(crate) use confirm::{Confirm, Confirmed};
pub(crate) use item::{Deadline, QueuedCall};
pub(super) use item::{Extra, Handed, Item, Next};
pub(crate) use lane::LaneRule;
pub(crate) use receipt::{Arrival, BrokerReceipt, Resume, Settlement, Settlements};
pub(crate) use stats::InboxStats;
pub use stats::ServiceState;
pub(super) use step::{Begun, LaneState, Settled, Step};
pub(crate) use target::Target;
pub(super) use work::InHand;

use super::call::Refusal;
use super::deadlines::Deadlines;
use super::seat::Seat;
use crate::dead_letter::{Failure, History, Reason, Redelivery, Sink};
use crate::event::SharedEvent;
use crate::panics::discard;
use direct::Direct;
use locked::release;
use receipt::Receipt;
use state::{Phase, State};

/// What an inbox is made from.
pub(crate) struct InboxPlan {
    pub(crate) service: Arc<str>,
    pub(crate) lanes: Vec<LaneRule>,
    /// For each subscription its pattern and its lane.
    pub(crate) subscriptions: Vec<(Arc<str>, u32)>,
    /// For each subscription how many attempts its retry policy makes.
    pub(crate) attempts: Vec<u32>,
    /// For each request handler its pattern.
    pub(crate) requests: Vec<Arc<str>>,
    pub(crate) request_bound: usize,
    /// Why an event that finds its lane full is a dead letter.
    pub(crate) overflow: Reason,
}

/// The actor goes on.
const RUN: u8 = 0;
/// The actor is to stop when it has nothing in hand any more.
const RETIRE: u8 = 1;
/// The node wants the actor to stop.
const STOP: u8 = 2;

/// Numbers the subscriptions of the process.
static NUMBERS: AtomicU32 = AtomicU32::new(0);

/// What does not change of a subscription, and what is counted without the lock.
struct Subscription {
    pattern: Arc<str>,
    lane: u32,
    /// How many attempts its retry policy makes.
    attempts: u32,
    direct: Direct,
}

/// A service's inbox.
pub(crate) struct Inbox {
    pub(crate) service: Arc<str>,
    /// The process's number of its first subscription: a delivery knows by it whose it is.
    pub(super) first: u32,
    subscriptions: Vec<Subscription>,
    requests: Vec<Arc<str>>,
    state: Mutex<State>,
    /// Odd while the supervisor polls the actor; the watchdog sees by it that a poll does not end.
    beat: AtomicU64,
    /// What the driver is calling; see [`InHand`].
    in_hand: AtomicU64,
    /// What the driver has finished and nobody has entered in the ledger yet; see [`Settled::code`]. The driver
    /// writes it while it is zero; who holds the lock clears it. So what is settled is settled at once for
    /// whoever looks, and costs no lock of its own.
    settled: AtomicU64,
    /// Whether the driver is asleep and nothing is queued. Who gives the lock back writes it.
    resting: AtomicBool,
    /// The timeout of a running handler may have passed.
    overdue: AtomicBool,
    /// Whether and when the actor is to stop: [`RUN`], [`RETIRE`] or [`STOP`].
    end: AtomicU8,
    /// A sender has given up since the request lane was last looked through.
    abandoned: AtomicBool,
    /// Where others on its thread find the supervisor, if they may run it themselves.
    seat: OnceLock<Seat>,
    pub(super) sink: Sink,
    deadlines: Arc<Deadlines>,
}

impl Inbox {
    pub(crate) fn new(plan: InboxPlan, sink: Sink, deadlines: Arc<Deadlines>) -> Arc<Self> {
        let state = State::new(&plan.lanes, plan.subscriptions.len(), plan.request_bound, plan.overflow);
        let attempts = plan.attempts.into_iter().chain(std::iter::repeat(1));
        let subscription = |((pattern, lane), attempts)| {
            let direct = Direct::default();
            Subscription { pattern, lane, attempts, direct }
        };
        let subscriptions: Vec<_> = plan.subscriptions.into_iter().zip(attempts).map(subscription).collect();
        let count = u32::try_from(subscriptions.len()).unwrap_or(u32::MAX);
        let inbox = Arc::new(Self {
            service: plan.service,
            first: NUMBERS.fetch_add(count, Ordering::Relaxed),
            subscriptions,
            requests: plan.requests,
            state: Mutex::new(state),
            beat: AtomicU64::new(0),
            in_hand: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            resting: AtomicBool::new(false),
            overdue: AtomicBool::new(false),
            end: AtomicU8::new(RUN),
            abandoned: AtomicBool::new(false),
            seat: OnceLock::new(),
            sink,
            deadlines,
        });
        inbox.deadlines.watch(&inbox);
        inbox
    }

    /// Delivers an event as soon as its lane has room, and says so to `confirm`.
    pub(crate) fn deliver_when_room(
        &self,
        subscription: u32,
        event: &SharedEvent,
        replay: Option<tokio::sync::oneshot::Sender<Redelivery>>,
        confirm: &Arc<Confirm>,
    ) {
        let receipt = replay.map(Receipt::Replay);
        let extra = receipt.map(|receipt| Box::new(Extra { receipt: Some(receipt), ..Extra::default() }));
        self.push_when_room(Item { subscription, attempt: 1, event: Arc::clone(event), extra }, confirm);
    }

    /// As [`deliver_when_room`](Self::deliver_when_room), for an event that goes back to its broker when the inbox ends
    /// before it is handled. It is counted as delivered when its lane has room; before that, cancelling `confirm`
    /// takes it back.
    pub(crate) fn deliver_from_broker(
        &self,
        subscription: u32,
        event: &SharedEvent,
        arrival: Arrival,
        confirm: &Arc<Confirm>,
    ) {
        let Arrival { attempt, history, since, receipt } = arrival;
        let extra = Extra { history, since, receipt: Some(Receipt::Broker(receipt)), cut_off: 0 };
        let (event, extra) = (Arc::clone(event), Some(Box::new(extra)));
        self.push_when_room(Item { subscription, attempt, event, extra }, confirm);
    }

    fn push_when_room(&self, item: Item, confirm: &Arc<Confirm>) {
        let lane = self.lane_of(item.subscription);
        let mut state = self.lock();
        let refused = state.push_when_room(lane, item, confirm);
        release(state);
        discard(refused);
    }

    /// How many attempts a subscription's retry policy makes.
    pub(crate) fn attempts_of(&self, subscription: u32) -> u32 {
        self.subscriptions.get(subscription as usize).map_or(1, |subscription| subscription.attempts)
    }

    /// Counts a duplicate that is not delivered.
    pub(crate) fn suppressed(&self, subscription: u32) {
        self.lock().subscriptions[subscription as usize].suppressed += 1;
    }

    /// Keeps an event that cannot even be read, as if it had been delivered and had failed.
    pub(crate) fn bury_undelivered(
        &self,
        subscription: u32,
        event: &SharedEvent,
        failure: Failure,
        history: Option<History>,
    ) {
        self.lock().refused(subscription);
        let extra = history.map(|history| Box::new(Extra { history: Some(history), ..Extra::default() }));
        let mut item = Item { subscription, attempt: 1, event: Arc::clone(event), extra };
        self.bury(&mut item, failure);
    }

    fn lane_of(&self, subscription: u32) -> usize {
        self.subscriptions[subscription as usize].lane as usize
    }

    pub(crate) fn pattern_of(&self, subscription: u32) -> &Arc<str> {
        &self.subscriptions[subscription as usize].pattern
    }

    /// The subscription that has this number in the process, if it is one of these.
    #[cfg(feature = "sqlite")]
    pub(super) fn subscription_of(&self, number: u32) -> Option<u32> {
        // Numbers have 31 bits, and begin again after the last.
        let index = number.wrapping_sub(self.first) & (u32::MAX >> 1);
        ((index as usize) < self.subscriptions.len()).then_some(index)
    }

    #[cold]
    fn bury_refused(&self, mut item: Item, reason: Reason) {
        let failure = match reason {
            Reason::InboxFull | Reason::Unreachable => {
                let bound = self.lock().lanes[self.lane_of(item.subscription)].rule.bound;
                Failure::new(
                    reason,
                    "nestling",
                    format!("the lane of service `{}` holds {bound} events", self.service),
                )
            }
            Reason::Unsubscribed => Failure::new(reason, "nestling", "the subscription was taken away"),
            Reason::Shutdown => Failure::new(reason, "nestling", "the node shut down"),
            reason => {
                Failure::new(reason, "nestling", format!("service `{}` has been given up", self.service))
            }
        };
        self.bury(&mut item, failure);
        discard(item);
    }

    /// Hands an item to the dead letters. Its ledger entry is the caller's business.
    pub(super) fn bury(&self, item: &mut Item, failure: Failure) {
        let (history, receipt) = match item.extra.take() {
            Some(extra) => (extra.history, extra.receipt),
            None => (None, None),
        };
        self.sink.bury(&item.event, &self.service, self.pattern_of(item.subscription), failure, history);
        if let Some(receipt) = receipt {
            receipt.dead_lettered();
        }
    }

    /// Fails what is past its deadline; returns the next ones.
    pub(super) fn expire(&self, now: Instant) -> Next {
        let mut expired = Vec::new();
        let mut state = self.lock();
        let next = state.expire(now, &mut expired, &self.overdue);
        drop(state);
        for (call, after) in expired {
            call.expire(after);
        }
        next
    }

    /// Ends the inbox: what is queued, and whatever comes, is a dead letter or a refused request, or goes back to its
    /// broker.
    pub(crate) fn close(&self, reason: Reason) {
        let mut state = self.lock();
        if !state.phase.close(reason) {
            return;
        }
        let (items, rooms, calls) = state.drain();
        let refusal = state.phase.refusal(&self.service);
        drop(state);
        for mut item in items {
            if item.is_returnable() {
                item.give_back(Duration::ZERO);
                discard(item);
            } else {
                self.bury_refused(item, reason);
            }
        }
        for (item, confirm) in rooms {
            confirm.stopped();
            discard(item);
        }
        let Some(reason) = refusal else { return };
        for call in calls {
            call.refuse(Refusal::Unavailable { reason: reason.clone() });
        }
    }

    /// Asks the supervisor to stop the actor.
    pub(crate) fn stop(&self) {
        self.end.fetch_max(STOP, Ordering::AcqRel);
        self.wake();
    }

    /// Asks the supervisor to stop the actor when it has nothing in hand any more.
    pub(crate) fn retire(&self) {
        self.end.fetch_max(RETIRE, Ordering::AcqRel);
        self.wake();
    }

    #[inline]
    pub(super) fn is_stopping(&self) -> bool {
        match self.end.load(Ordering::Acquire) {
            RUN => false,
            RETIRE => self.is_idle(),
            _ => true,
        }
    }

    /// From now on others on this thread may run the supervisor instead of waking it.
    pub(super) fn take_seat(&self, seat: Seat) {
        let taken = self.seat.set(seat);
        debug_assert!(taken.is_ok(), "an inbox has one supervisor");
    }

    /// The supervisor, which alone calls this while it runs, begins to poll the actor, or has polled it.
    #[inline]
    pub(super) fn beat(&self) {
        self.beat.store(self.beat.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// How often it has done either.
    pub(super) fn beats(&self) -> u64 {
        self.beat.load(Ordering::Relaxed)
    }

    pub(super) fn wake(&self) {
        let waker = self.lock().waker.clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The supervisor has ended.
    pub(crate) fn ended(&self) {
        let mut state = self.lock();
        state.ended = true;
        state.waker = None;
        let waiters = std::mem::take(&mut state.end_waiters);
        drop(state);
        for waiter in waiters {
            let _ = waiter.send(());
        }
    }

    /// Resolves when the supervisor has ended.
    pub(crate) fn end(&self) -> tokio::sync::oneshot::Receiver<()> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let mut state = self.lock();
        if state.ended {
            let _ = sender.send(());
        } else {
            state.end_waiters.push(sender);
        }
        receiver
    }

    /// Whether nothing is queued or in flight.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.is_idle() && !self.has_direct_in_hand()
    }

    pub(crate) fn stats(&self) -> InboxStats {
        stats::read(&self.lock(), &self.service, &self.subscriptions)
    }

    /// Whether subscription `index` is declared as `pattern`.
    pub(crate) fn declares(&self, index: usize, pattern: &str) -> bool {
        self.subscriptions.get(index).is_some_and(|declared| &*declared.pattern == pattern)
    }

    /// Whether it takes anything.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().phase == Phase::Open
    }

    /// Whether the supervisor has ended, and nothing is left in hand.
    pub(crate) fn has_ended(&self) -> bool {
        let state = self.lock();
        state.ended && !self.has_direct_in_hand()
    }

    fn has_direct_in_hand(&self) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.direct.is_in_hand())
    }
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").field("service", &self.service).finish_non_exhaustive()
    }
}
