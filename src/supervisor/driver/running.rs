//! What runs beyond one call: responses that wait, retries that wait, lanes that wait.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::time::Duration;

use actix::{Actor, Context};
use tokio::time::{Instant, Sleep};
use tracing::Span;

use super::fail::{dropped, panicked, suspect};
use super::{Driver, Polled, timed_out};
use crate::dead_letter::Failure;
use crate::panics::{discard, guard};
use crate::scope::{Hand, HasMetadata, Scope};
use crate::supervisor::call::AnyCall;
use crate::supervisor::handler::{EventResult, RequestWork, unanswered};
use crate::supervisor::inbox::{InHand, Inbox, Item, Settled};
use crate::supervisor::response::{Dropped, Pause, Response};

/// How many times an event is begun again that a restart has cut off. actix does not tell whose future panicked in
/// its hands; what is there each time has probably caused it.
const CUT_OFF: u32 = 3;

/// What runs in a slot.
pub(super) struct Running<A: Actor<Context = Context<A>>> {
    pub(super) work: Work<A>,
    /// None where nobody looks at it.
    span: Option<Span>,
    /// When its handler's timeout passes, and that timeout.
    pub(super) deadline: Option<Instant>,
    pub(super) timeout: Option<Duration>,
    /// The driver's generation when it began.
    generation: u64,
}

pub(super) enum Work<A: Actor<Context = Context<A>>> {
    Event {
        lane: usize,
        item: Item,
        response: Response<A, EventResult>,
    },
    Request {
        key: usize,
        handler: u32,
        call: Arc<dyn AnyCall>,
        work: Box<dyn RequestWork<A>>,
    },
    /// An event that waits for its next attempt.
    Delay {
        lane: usize,
        item: Item,
        holds: bool,
        sleep: Pin<Box<Sleep>>,
    },
    /// A lane that waits out a backoff.
    Pause {
        lane: usize,
        sleep: Pin<Box<Sleep>>,
    },
}

impl<A: Actor<Context = Context<A>>> Running<A> {
    pub(super) fn is_foreign(&self) -> bool {
        match &self.work {
            Work::Event { response, .. } => response.is_foreign(),
            Work::Request { work, .. } => work.is_foreign(),
            Work::Delay { .. } | Work::Pause { .. } => false,
        }
    }
}

/// Wakes the driver for one slot.
pub(super) struct SlotWaker {
    inbox: Arc<Inbox>,
    slot: u32,
    /// The driver knows already.
    woken: AtomicBool,
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.inbox.ready(self.slot);
        }
    }
}

impl<A: Actor<Context = Context<A>>> Driver<A> {
    fn insert(&mut self, running: Running<A>) -> usize {
        let index = self.running.insert(Some(running));
        if index == self.wakers.len() {
            let slot = u32::try_from(index).unwrap_or(u32::MAX);
            let inbox = Arc::clone(&self.inbox);
            self.wakers.push(Arc::new(SlotWaker { inbox, slot, woken: AtomicBool::new(false) }));
        }
        index
    }

    fn waker(&self, index: usize) -> Waker {
        // Every slot below `running`'s length got its waker when it was first used.
        Waker::from(Arc::clone(&self.wakers[index]))
    }

    /// Begins to drive a response: polls it for the first time.
    #[expect(
        clippy::too_many_arguments,
        reason = "all of it belongs to one slot, and it is made in two places"
    )]
    pub(super) fn drive(
        &mut self,
        work: Work<A>,
        span: Option<Span>,
        deadline: Option<Instant>,
        timeout: Option<Duration>,
        exclusive: bool,
        actor: &mut A,
        ctx: &mut Context<A>,
    ) {
        let index = self.insert(Running { work, span, deadline, timeout, generation: self.generation });
        if exclusive {
            self.exclusive = Some(index);
        }
        self.poll_slot(index, actor, ctx);
        if let (Some(deadline), Some(Some(_))) = (deadline, self.running.get(index)) {
            self.inbox.watch_handler(deadline);
        }
    }

    /// Waits for a timer.
    pub(super) fn rest(&mut self, work: Work<A>) {
        let generation = self.generation;
        let index = self.insert(Running { work, span: None, deadline: None, timeout: None, generation });
        // Its first poll, which starts the timer, comes from the loop.
        self.wakers[index].woken.store(true, Ordering::Release);
        self.inbox.ready(u32::try_from(index).unwrap_or(u32::MAX));
    }

    pub(super) fn poll_slot(&mut self, index: usize, actor: &mut A, ctx: &mut Context<A>) {
        let Some(mut running) = self.running.get_mut(index).and_then(Option::take) else { return };
        self.wakers[index].woken.store(false, Ordering::Release);
        let waker = self.waker(index);
        let mut cx = TaskContext::from_waker(&waker);
        let polled = match &mut running.work {
            Work::Event { item, response, .. } => {
                self.inbox.set_in_hand(Some(InHand::Event(item.subscription)));
                let hand = Hand::Event(Arc::clone(&item.event));
                let polled =
                    held(&self.scope, hand, running.span.as_ref(), || response.poll(actor, ctx, &mut cx));
                polled.map(|polled| polled.map(Done::Event))
            }
            Work::Request { call, .. } if call.is_settled() => Ok(Poll::Ready(Done::Abandoned)),
            Work::Request { handler, call, work, .. } => {
                self.inbox.set_in_hand(Some(InHand::Request(*handler)));
                let hand = Hand::Request(Arc::clone(call) as Arc<dyn HasMetadata>);
                let polled =
                    held(&self.scope, hand, running.span.as_ref(), || work.poll(actor, ctx, &mut cx));
                if matches!(polled, Ok(Poll::Pending)) {
                    call.set_runner(&waker);
                    if self.exclusive == Some(index) && work.pause().is_none() {
                        // What paused the actor is over; a stream came of it, which does not.
                        self.exclusive = None;
                    }
                }
                polled.map(|polled| polled.map(Done::Request))
            }
            Work::Delay { sleep, .. } | Work::Pause { sleep, .. } => {
                Ok(sleep.as_mut().poll(&mut cx).map(|()| Done::Rested))
            }
        };
        match polled {
            Ok(Poll::Pending) => self.running[index] = Some(running),
            Ok(Poll::Ready(done)) => {
                self.vacate(index);
                self.finish(running, done);
            }
            Err(panic) => {
                self.vacate(index);
                self.fail_running(running, panicked(*panic));
            }
        }
    }

    /// Puts in hand what pauses the actor, which actix polls, as far as it is known when that is over.
    #[cold]
    pub(in crate::supervisor) fn enter_exclusive(&mut self) {
        let Some(Some(running)) = self.exclusive.and_then(|index| self.running.get(index)) else { return };
        let (pause, hand) = match &running.work {
            Work::Event { item, response, .. } => (response.pause(), Hand::Event(Arc::clone(&item.event))),
            Work::Request { call, work, .. } => {
                (work.pause(), Hand::Request(Arc::clone(call) as Arc<dyn HasMetadata>))
            }
            Work::Delay { .. } | Work::Pause { .. } => return,
        };
        if pause == Some(Pause::Atomic) {
            self.scope.enter(hand, running.span.clone());
        }
    }

    pub(super) fn vacate(&mut self, index: usize) {
        self.running.remove(index);
        if self.exclusive == Some(index) {
            self.exclusive = None;
        }
    }

    fn finish(&mut self, running: Running<A>, done: Done) {
        let Running { work, generation, .. } = running;
        let cut_off = generation != self.generation;
        match (work, done) {
            (Work::Event { lane, mut item, response }, Done::Event(outcome)) => {
                discard(response);
                match outcome {
                    Ok(Ok(())) => {
                        let Item { subscription, event, extra, .. } = item;
                        self.handled(lane, subscription, event, extra);
                    }
                    Ok(Err(error)) => {
                        let failure = Failure::from_event_error(&error);
                        self.fail_event(lane, item, failure, error.is_permanent());
                    }
                    // A restart that it did not cause: the same attempt again.
                    Err(Dropped) if cut_off && item.extra().cut_off < CUT_OFF => {
                        item.extra().cut_off += 1;
                        self.due.push_back((lane, item, true));
                    }
                    Err(Dropped) if cut_off => self.fail_event(lane, item, suspect(), false),
                    Err(Dropped) => self.fail_event(lane, item, dropped(), false),
                }
            }
            (Work::Request { key, call, work, .. }, done) => {
                discard(work);
                if matches!(done, Done::Request(true)) {
                    self.successes += 1;
                    self.inbox.settle(Settled::Answered(key));
                } else {
                    call.refuse(unanswered(&self.inbox.service));
                    self.inbox.settle(Settled::Unanswered(key));
                }
            }
            (Work::Delay { lane, item, holds, .. }, _) => self.due.push_back((lane, item, holds)),
            (Work::Pause { lane, .. }, _) => self.lanes[lane].paused = false,
            // An event's poll ends in an event's outcome.
            (Work::Event { lane, item, .. }, _) => self.fail_event(lane, item, dropped(), false),
        }
    }

    /// A handler panicked, or outlived its timeout.
    pub(super) fn fail_running(&mut self, running: Running<A>, failure: Failure) {
        let timeout = running.timeout;
        match running.work {
            Work::Event { lane, item, response } => {
                discard(response);
                self.fail_event(lane, item, failure, false);
            }
            Work::Request { key, call, work, .. } => {
                discard(work);
                self.fail_request(key, &*call, failure, timeout);
            }
            Work::Delay { lane, item, holds, .. } => self.due.push_back((lane, item, holds)),
            Work::Pause { lane, .. } => self.lanes[lane].paused = false,
        }
    }

    /// Whether a response that actix drives is there, and only waits to be looked at: its handler has finished, however
    /// late that is seen.
    pub(super) fn has_come(&self, index: usize) -> bool {
        let is_foreign =
            self.running.get(index).is_some_and(|running| running.as_ref().is_some_and(Running::is_foreign));
        is_foreign && self.wakers[index].woken.load(Ordering::Acquire)
    }

    /// Cuts off every handler whose timeout has passed, but for one that pauses the actor: that is the
    /// supervisor's to end.
    pub(super) fn fail_overdue(&mut self) {
        let now = Instant::now();
        let past = |running: &Option<Running<A>>| {
            running.as_ref().is_some_and(|running| running.deadline.is_some_and(|deadline| deadline <= now))
        };
        let overdue: Vec<_> = self
            .running
            .iter()
            .filter(|(index, running)| {
                past(running) && self.exclusive != Some(*index) && !self.has_come(*index)
            })
            .map(|(index, _)| index)
            .collect();
        for index in overdue {
            if let Some(running) = self.running[index].take() {
                self.vacate(index);
                let timeout = running.timeout.unwrap_or_default();
                self.fail_running(running, timed_out(timeout));
            }
        }
        let next = self.running.iter().filter_map(|(_, running)| running.as_ref()?.deadline).min();
        if let Some(next) = next {
            self.inbox.watch_handler(next.max(now + Duration::from_millis(1)));
        }
    }
}

/// What a poll has come to.
enum Done {
    Event(Result<EventResult, Dropped>),
    Request(bool),
    /// The sender of the request has gone.
    Abandoned,
    Rested,
}

/// Polls with `hand` in hand.
fn held<T>(scope: &Scope, hand: Hand, span: Option<&Span>, poll: impl FnOnce() -> Poll<T>) -> Polled<T> {
    let outer = scope.swap_hand(Some(hand));
    let entered = span.map(Span::enter);
    let polled = guard(poll);
    drop(entered);
    scope.swap_hand(outer);
    polled
}
