//! The state of an inbox, all of it under one lock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;
use std::time::Duration;

use slab::Slab;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::confirm::Confirm;
use super::item::{Deadline, Item, Next, QueuedCall};
use super::lane::{Lane, LaneRule};
use super::step::{Begun, LaneState, Settled, Step};
use crate::dead_letter::Reason;
use crate::event::SharedEvent;
use crate::supervisor::call::AnyCall;
use crate::supervisor::ledger::{RequestStats, SubscriptionStats};
use crate::supervisor::seat::Seat;

/// Whether the inbox takes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::supervisor) enum Phase {
    Open,
    /// Whatever comes is a dead letter of this reason.
    Closed(Reason),
}

impl Phase {
    pub(super) fn close(&mut self, reason: Reason) -> bool {
        let was_open = *self == Self::Open;
        if was_open {
            *self = Self::Closed(reason);
        }
        was_open
    }

    pub(super) fn refusal(self, service: &str) -> Option<String> {
        match self {
            Self::Open => None,
            Self::Closed(Reason::ServiceFailed) => Some(format!("service `{service}` has been given up")),
            Self::Closed(_) => Some(format!("service `{service}` has stopped")),
        }
    }
}

struct RunningCall {
    call: Arc<dyn AnyCall>,
    deadline: Deadline,
    after: Duration,
}

/// Calls that are past their deadlines, with their timeouts.
pub(super) type Expired = Vec<(Arc<dyn AnyCall>, Duration)>;

/// All that a closed inbox held: queued events, events whose senders wait, requests.
type Drained = (Vec<Item>, Vec<(Item, Arc<Confirm>)>, Vec<Arc<dyn AnyCall>>);

pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) lanes: Vec<Lane>,
    pub(super) subscriptions: Vec<SubscriptionStats>,
    pub(super) requests: VecDeque<QueuedCall>,
    pub(super) request_bound: usize,
    /// Why an event that finds its lane full is a dead letter.
    overflow: Reason,
    running_calls: Slab<RunningCall>,
    pub(super) request_stats: RequestStats,
    /// Slots whose futures have been woken.
    pub(super) ready: VecDeque<u32>,
    /// The task of the supervisor.
    pub(super) waker: Option<Waker>,
    /// The driver has seen that there is nothing to do.
    pub(super) asleep: bool,
    /// The earliest exact deadline of anything here.
    pub(super) next_deadline: Option<Instant>,
    /// The earliest timeout of a running handler.
    pub(super) handler_deadline: Option<Instant>,
    pub(super) restarts: u64,
    /// Events whose senders have gone, to be dropped outside of the lock: that runs code of the user's.
    pub(super) gone: Vec<Item>,
    pub(super) ended: bool,
    pub(super) end_waiters: Vec<oneshot::Sender<()>>,
}

impl State {
    pub(super) fn new(
        lanes: &[LaneRule],
        subscriptions: usize,
        request_bound: usize,
        overflow: Reason,
    ) -> Self {
        Self {
            phase: Phase::Open,
            lanes: lanes.iter().map(|rule| Lane::new(*rule)).collect(),
            subscriptions: vec![SubscriptionStats::default(); subscriptions],
            requests: VecDeque::new(),
            request_bound,
            overflow,
            running_calls: Slab::new(),
            request_stats: RequestStats::default(),
            ready: VecDeque::new(),
            waker: None,
            asleep: false,
            next_deadline: None,
            handler_deadline: None,
            restarts: 0,
            gone: Vec::new(),
            ended: false,
            end_waiters: Vec::new(),
        }
    }

    /// Queues an event, or gives it back and says why it is a dead letter. A service that is asleep is woken, or is left
    /// to the caller if it gives its seat.
    #[inline]
    pub(super) fn push(
        &mut self,
        lane: usize,
        subscription: u32,
        event: SharedEvent,
        seat: Option<Seat>,
    ) -> Result<Option<Seat>, (SharedEvent, Reason)> {
        let ledger = &mut self.subscriptions[subscription as usize];
        ledger.delivered += 1;
        let lane = &mut self.lanes[lane];
        let reason = match self.phase {
            Phase::Open if !lane.is_full() => {
                lane.queue.push_back(Item { subscription, attempt: 1, event, extra: None });
                return Ok(self.rouse(seat));
            }
            Phase::Open => self.overflow,
            Phase::Closed(reason) => reason,
        };
        ledger.dead_lettered += 1;
        Err((event, reason))
    }

    /// An event has come that is a dead letter already.
    pub(super) fn refused(&mut self, subscription: u32) {
        let ledger = &mut self.subscriptions[subscription as usize];
        ledger.delivered += 1;
        ledger.dead_lettered += 1;
    }

    /// Queues an event when there is room; gives it back if there never will be.
    pub(super) fn push_when_room(&mut self, lane: usize, item: Item, confirm: &Arc<Confirm>) -> Option<Item> {
        if self.phase != Phase::Open {
            confirm.stopped();
            return Some(item);
        }
        let waiting = &mut self.lanes[lane].rooms;
        for (item, confirm) in std::mem::take(waiting) {
            if confirm.is_cancelled() {
                self.gone.push(item);
            } else {
                waiting.push_back((item, confirm));
            }
        }
        waiting.push_back((item, Arc::clone(confirm)));
        self.admit(lane);
        self.wake();
        None
    }

    #[inline]
    pub(super) fn admit(&mut self, lane: usize) {
        if !self.lanes[lane].rooms.is_empty() {
            self.admit_waiting(lane);
        }
    }

    #[cold]
    fn admit_waiting(&mut self, lane: usize) {
        let subscriptions = &mut self.subscriptions;
        self.lanes[lane]
            .admit(&mut self.gone, |subscription| subscriptions[subscription as usize].delivered += 1);
    }

    /// Sees to it that the driver looks: wakes it if it is asleep, or leaves that to the caller if it gives its seat.
    #[inline]
    pub(super) fn rouse(&mut self, seat: Option<Seat>) -> Option<Seat> {
        if seat.is_some() {
            return seat.filter(|_| std::mem::take(&mut self.asleep));
        }
        self.wake();
        None
    }

    #[inline]
    pub(super) fn wake(&mut self) {
        if self.asleep {
            self.asleep = false;
            if let Some(waker) = &self.waker {
                waker.wake_by_ref();
            }
        }
    }

    /// Enters in the ledger what has this [`code`](Settled::code).
    pub(super) fn settle(&mut self, code: u64) {
        match Settled::from_code(code) {
            Settled::Handled(subscription) => {
                let ledger = &mut self.subscriptions[subscription as usize];
                ledger.in_flight -= 1;
                ledger.handled += 1;
            }
            Settled::DeadLettered(subscription) => {
                let ledger = &mut self.subscriptions[subscription as usize];
                ledger.in_flight -= 1;
                ledger.dead_lettered += 1;
            }
            Settled::Answered(key) => {
                self.request_stats.answered += 1;
                self.running_calls.try_remove(key);
            }
            Settled::Unanswered(key) => {
                self.request_stats.unanswered += 1;
                self.running_calls.try_remove(key);
            }
        }
    }

    /// Woken futures first, since they finish what was begun, unless something `fresh` is wanted; then one item of
    /// each lane in turn.
    #[inline(always)]
    pub(super) fn next(&mut self, lanes: &[LaneState], cursor: &mut usize, fresh: bool) -> Step {
        if !fresh && let Some(slot) = self.ready.pop_front() {
            return Step::Slot { slot, last: self.was_last() };
        }
        if *cursor >= lanes.len() && self.requests.is_empty() {
            *cursor = 0;
        }
        for _ in 0..=lanes.len() {
            let turn = *cursor;
            *cursor = if turn >= lanes.len() { 0 } else { turn + 1 };
            match lanes.get(turn) {
                Some(state) if state.is_open() => {
                    if let Some(item) = self.lanes[turn].queue.pop_front() {
                        self.subscriptions[item.subscription as usize].in_flight += 1;
                        self.admit(turn);
                        return Step::Event { lane: turn, item, last: self.was_last() };
                    }
                }
                Some(_) => {}
                None => {
                    if let Some(QueuedCall { handler, call, deadline, after }) = self.requests.pop_front() {
                        let running = RunningCall { call: Arc::clone(&call), deadline, after };
                        let key = self.running_calls.insert(running);
                        let begun = Begun { key, handler, call };
                        return Step::Request { begun, last: self.was_last() };
                    }
                }
            }
        }
        // A woken future if there is one after all; else there is nothing to do.
        match self.ready.pop_front() {
            Some(slot) => Step::Slot { slot, last: self.was_last() },
            None => {
                self.asleep = true;
                Step::Idle
            }
        }
    }

    /// Whether nothing is left for the driver. It need not look again then: what comes calls the waker.
    #[inline]
    fn was_last(&mut self) -> bool {
        self.asleep = self.ready.is_empty()
            && self.requests.is_empty()
            && self.lanes.iter().all(|lane| lane.queue.is_empty());
        self.asleep
    }

    /// Gives what has no deadline yet one, fails what is past its deadline, and returns the next one.
    pub(super) fn expire(&mut self, now: Instant, expired: &mut Expired, overdue: &AtomicBool) -> Next {
        let mut next = Next::default();
        let stats = &mut self.request_stats;
        self.requests.retain_mut(|queued| {
            queued.deadline.stamp(now, queued.after);
            // Nobody waits for a settled one; its place is free.
            let settled = queued.call.is_settled();
            let past = !settled && next.is_past(queued.deadline, now);
            if past {
                expired.push((Arc::clone(&queued.call), queued.after));
            }
            stats.unanswered += u64::from(settled || past);
            !settled && !past
        });
        for (_, running) in &mut self.running_calls {
            running.deadline.stamp(now, running.after);
            if next.is_past(running.deadline, now) {
                running.deadline = Deadline::Never;
                expired.push((Arc::clone(&running.call), running.after));
            }
        }
        if self.handler_deadline.is_some_and(|deadline| next.is_past(Deadline::At(deadline), now)) {
            // The driver looks for itself and says when it wants to look again.
            self.handler_deadline = None;
            overdue.store(true, Ordering::Release);
            self.asleep = false;
            if let Some(waker) = &self.waker {
                waker.wake_by_ref();
            }
        }
        self.next_deadline = next.exact;
        next
    }

    /// Takes the requests out of the lane that nobody waits for any more.
    pub(super) fn forget_abandoned(&mut self) {
        let before = self.requests.len();
        self.requests.retain(|queued| !queued.call.is_settled());
        self.request_stats.unanswered += (before - self.requests.len()) as u64;
    }

    /// Takes out all that is queued or asked for. Its events are counted as dead letters, or as returned if a broker
    /// takes them back.
    pub(super) fn drain(&mut self) -> Drained {
        let mut items = Vec::new();
        let mut rooms = Vec::new();
        for lane in &mut self.lanes {
            items.extend(lane.queue.drain(..));
            rooms.extend(lane.rooms.drain(..));
        }
        for item in &items {
            let ledger = &mut self.subscriptions[item.subscription as usize];
            if item.is_returnable() {
                ledger.returned += 1;
            } else {
                ledger.dead_lettered += 1;
            }
        }
        self.request_stats.unanswered += self.requests.len() as u64;
        let mut calls: Vec<_> = self.requests.drain(..).map(|queued| queued.call).collect();
        calls.extend(self.running_calls.iter().map(|(_, running)| Arc::clone(&running.call)));
        (items, rooms, calls)
    }

    /// Whether the driver is asleep and nothing is queued, not even for a lane that is occupied.
    #[inline]
    pub(super) fn is_resting(&self) -> bool {
        let is_free = |lane: &Lane| lane.queue.is_empty() && !lane.is_full();
        self.asleep && self.phase == Phase::Open && self.lanes.iter().all(is_free)
    }

    pub(super) fn running_calls(&self) -> usize {
        self.running_calls.len()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.requests.is_empty()
            && self.running_calls.is_empty()
            && self.lanes.iter().all(|lane| lane.queue.is_empty() && lane.rooms.is_empty())
            && self.subscriptions.iter().all(|ledger| ledger.in_flight == 0)
    }
}
