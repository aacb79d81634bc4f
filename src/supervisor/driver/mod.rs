//! The inbox's side in the actor's context: takes items, calls handlers, drives their futures, and decides what
//! becomes of a failure. It lives beside the actor, so that a restart of the actor does not touch it.

mod attach;
mod event;
mod fail;
mod running;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use actix::{Actor, AsyncContext, Context};
use slab::Slab;
use tokio::time::{Instant, Sleep};
use tracing::{Level, Span, info_span, level_enabled};

pub(super) use attach::Slot;
pub(super) use fail::RestartRequest;
use running::{Running, SlotWaker, Work};

use super::handler::{EventHandler, RequestHandler, RequestOutcome};
use super::inbox::{Begun, InHand, Inbox, Item, LaneRule, LaneState, Settled, Step};
use super::restart::{RestartOn, RestartPolicy};
use super::retry::Retry;
use crate::dead_letter::{Failure, Reason};
use crate::far::FAR;
use crate::metadata::Metadata;
use crate::panics::{Panic, guard};
use crate::scope::{self, Hand, HasMetadata, Scope};

/// How many items are begun or polled before the actor yields to its neighbours on the arbiter.
const BUDGET: usize = 64;

/// One step in this many begins something fresh, if there is anything: futures that are always ready, and retries
/// without a delay, must not keep the rest waiting.
const FRESH: usize = 8;

/// How a subscription handles its events.
pub(crate) struct EventRule<A: Actor<Context = Context<A>>> {
    pub(crate) handler: EventHandler<A>,
    pub(crate) retry: Retry,
    pub(crate) timeout: Option<Duration>,
}

/// How a service answers one message pattern.
pub(crate) struct RequestRule<A: Actor<Context = Context<A>>> {
    pub(crate) handler: RequestHandler<A>,
    pub(crate) timeout: Option<Duration>,
}

/// What a service declares, in the form in which its supervisor uses it.
pub(crate) struct Plan<A: Actor<Context = Context<A>>> {
    pub(crate) events: Vec<EventRule<A>>,
    pub(crate) requests: Vec<RequestRule<A>>,
    pub(crate) lanes: Vec<LaneRule>,
    pub(crate) restart: RestartPolicy,
}

/// Drives one service's inbox.
pub(super) struct Driver<A: Actor<Context = Context<A>>> {
    inbox: Arc<Inbox>,
    /// This thread's.
    scope: Rc<Scope>,
    /// The process's number of the first subscription.
    first: u32,
    events: Vec<EventRule<A>>,
    requests: Vec<RequestRule<A>>,
    restart_on: RestartOn,
    lanes: Vec<LaneState>,
    /// Whose turn it is.
    cursor: usize,
    /// Counts steps, to know when something fresh is due.
    steps: usize,
    /// What runs; `None` while it is being polled.
    running: Slab<Option<Running<A>>>,
    /// One waker a slot, made once.
    wakers: Vec<Arc<SlotWaker>>,
    /// Items to begin again, and whether they hold a slot of their lane.
    due: VecDeque<(usize, Item, bool)>,
    /// The slot of a response that pauses the actor.
    exclusive: Option<usize>,
    /// Counts restarts, to know a response that one of them cut off.
    generation: u64,
    /// The failure for which the actor is held.
    pub(super) restart: Option<RestartRequest>,
    /// How much has been handled, for the supervisor to see whether there was a success.
    pub(super) successes: u64,
}

impl<A: Actor<Context = Context<A>>> Driver<A> {
    pub(super) fn new(inbox: Arc<Inbox>, plan: Plan<A>) -> Self {
        let lane = |rule: &LaneRule| LaneState { concurrency: rule.concurrency, running: 0, paused: false };
        Self {
            first: inbox.first,
            inbox,
            scope: scope::current(),
            events: plan.events,
            requests: plan.requests,
            restart_on: plan.restart.on,
            lanes: plan.lanes.iter().map(lane).collect(),
            cursor: 0,
            steps: 0,
            running: Slab::new(),
            wakers: Vec::new(),
            due: VecDeque::new(),
            exclusive: None,
            generation: 0,
            restart: None,
            successes: 0,
        }
    }

    /// Works until there is nothing to do, the actor waits, or the budget is spent.
    fn poll(&mut self, actor: &mut A, ctx: &mut Context<A>, cx: &mut TaskContext<'_>, slot: &Rc<Slot<A>>) {
        if self.inbox.take_overdue() {
            // This may open a lane for others than the event that is handed.
            self.fail_overdue();
        } else if let Some(handed) = slot.take_handed() {
            // Not as a step of the loop: to hand the item through it is a measurable share of its cost.
            let open = self.lanes[handed.lane as usize].is_open();
            if open && self.due.is_empty() && self.restart.is_none() && !ctx.waiting() {
                self.begin_directly(handed, slot, actor, ctx);
                // The inbox takes the driver to be asleep then: whatever comes has woken it.
                if self.due.is_empty() && self.restart.is_none() && self.inbox.is_resting() {
                    return;
                }
            } else {
                // For who handed it, to queue it.
                slot.hand(handed);
            }
        }
        for _ in 0..BUDGET {
            if self.restart.is_some() {
                slot.hold(ctx);
            }
            if ctx.waiting() {
                return;
            }
            self.steps = self.steps.wrapping_add(1);
            let fresh = self.steps.is_multiple_of(FRESH);
            if !fresh && let Some((lane, item)) = self.take_due() {
                self.begin_again(lane, item, actor, ctx);
                continue;
            }
            let last = match self.inbox.next(&self.lanes, &mut self.cursor, fresh) {
                Step::Event { lane, item, last } => {
                    self.lanes[lane].running += 1;
                    self.begin_event(lane, item, actor, ctx);
                    last
                }
                Step::Request { begun, last } => {
                    self.begin_request(begun, actor, ctx);
                    last
                }
                Step::Slot { slot, last } => {
                    self.poll_slot(slot as usize, actor, ctx);
                    last
                }
                Step::Idle => match self.take_due() {
                    Some((lane, item)) => {
                        self.begin_again(lane, item, actor, ctx);
                        false
                    }
                    None => return,
                },
            };
            if last && self.due.is_empty() && self.restart.is_none() {
                return;
            }
        }
        if self.restart.is_some() {
            slot.hold(ctx);
        } else {
            cx.waker().wake_by_ref();
        }
    }

    /// What the actor does next is not the inbox's.
    fn calls_nothing(&self) {
        self.inbox.set_in_hand(None);
    }

    #[inline]
    fn take_due(&mut self) -> Option<(usize, Item)> {
        if self.due.is_empty() { None } else { self.take_first_due() }
    }

    #[cold]
    fn take_first_due(&mut self) -> Option<(usize, Item)> {
        let lanes = &self.lanes;
        let index = self.due.iter().position(|(lane, _, holds)| *holds || lanes[*lane].is_open())?;
        let (lane, item, holds) = self.due.remove(index)?;
        if !holds {
            self.lanes[lane].running += 1;
            self.inbox.waits_for_retry(lane, false);
        }
        Some((lane, item))
    }

    // ---- requests

    fn begin_request(&mut self, begun: Begun, actor: &mut A, ctx: &mut Context<A>) {
        let Begun { key, handler, call } = begun;
        let rule = &self.requests[handler as usize];
        let (handle, timeout) = (rule.handler, rule.timeout);
        let began = timeout.map(|_| Instant::now());
        self.inbox.set_in_hand(Some(InHand::Request(handler)));
        let span = is_watched().then(|| self.span("message", 1, call.metadata()));
        let outer = self.scope.swap_hand(Some(Hand::Request(Arc::clone(&call) as Arc<dyn HasMetadata>)));
        let entered = span.as_ref().map(Span::enter);
        let called = guard(|| handle(actor, &call, ctx));
        drop(entered);
        self.scope.swap_hand(outer);
        match called {
            Ok(RequestOutcome::Answered) => {
                self.successes += 1;
                self.inbox.settle(Settled::Answered(key));
            }
            Ok(RequestOutcome::Gone) => self.inbox.settle(Settled::Unanswered(key)),
            Ok(RequestOutcome::Working(work)) => {
                let deadline = began.zip(timeout).map(|(began, timeout)| began + timeout.min(FAR));
                let exclusive = work.pause().is_some();
                let work = Work::Request { key, handler, call, work };
                self.drive(work, span, deadline, timeout, exclusive, actor, ctx);
            }
            Err(panic) => self.fail_request(key, &*call, fail::panicked(*panic), timeout),
        }
    }

    // ---- spans

    /// A handler's own span. It has no parent, also while its service is run by a sender, whose spans are entered.
    #[cold]
    fn span(&self, kind: &'static str, attempt: u32, metadata: &Metadata) -> Span {
        info_span!(
            parent: None,
            "handle",
            service = &*self.inbox.service,
            pattern = metadata.route().as_str(),
            kind,
            id = %metadata.id(),
            attempt,
            correlation_id = %metadata.correlation_id(),
        )
    }

    // ---- restarts

    /// The actor has been restarted: whatever actix drove for it is gone.
    pub(super) fn restarted(&mut self) {
        self.generation += 1;
        self.exclusive = None;
        self.restart = None;
        // Something fresh comes first: events that fail again and again must not meet nobody but each other.
        self.steps = FRESH - 1;
        // Responses that actix drove are closed by now; let each find out.
        for (index, running) in &self.running {
            if running.as_ref().is_some_and(Running::is_foreign) {
                self.inbox.ready(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
    }

    /// Begins no further event of a lane for a while.
    pub(super) fn pause(&mut self, lane: usize, delay: Duration) {
        if delay.is_zero() || self.lanes[lane].paused {
            return;
        }
        self.lanes[lane].paused = true;
        self.rest(Work::Pause { lane, sleep: sleep(delay) });
    }
}

/// Whether a `tracing` subscriber may want spans. A disabled span is not free: where any crate turns on tracing's `log`
/// feature, its fields, and so the item's id, are made nevertheless.
#[inline]
fn is_watched() -> bool {
    level_enabled!(Level::INFO)
}

fn sleep(delay: Duration) -> std::pin::Pin<Box<Sleep>> {
    Box::pin(tokio::time::sleep(delay))
}

/// What polling a slot may end in.
type Polled<T> = Result<Poll<T>, Box<Panic>>;

/// The failure of a handler that outlived its timeout.
fn timed_out(timeout: Duration) -> Failure {
    Failure::new(Reason::Timeout, "nestling", format!("the handler did not finish within {timeout:?}"))
}
