//! How the driver begins an event, and what it does when the handler succeeds at once.

use std::time::Duration;

use actix::{Actor, Context};
use tokio::time::Instant;
use tracing::Span;

use super::running::Work;
use super::{Driver, Slot, fail, is_watched};
use crate::dead_letter::Failure;
use crate::event::SharedEvent;
use crate::far::FAR;
use crate::panics::{Panic, discard, guard};
use crate::scope::Hand;
use crate::supervisor::handler::Unhandled;
use crate::supervisor::inbox::{Extra, Handed, InHand, Item, Settled};

/// An event's handler has returned, or panicked.
struct Called<A: Actor<Context = Context<A>>> {
    event: SharedEvent,
    outcome: Result<Result<(), Box<Unhandled<A>>>, Box<Panic>>,
    /// The handler's, if spans are wanted.
    span: Option<Span>,
    /// When it began, and its timeout, if it has one.
    limit: Option<(Instant, Duration)>,
}

impl<A: Actor<Context = Context<A>>> Driver<A> {
    #[cold]
    pub(super) fn begin_again(&mut self, lane: usize, item: Item, actor: &mut A, ctx: &mut Context<A>) {
        self.begin_event(lane, item, actor, ctx);
    }

    /// Inlined into the loop, as far as it is common: to hand an item over is a measurable share of its cost.
    #[inline(always)]
    pub(super) fn begin_event(&mut self, lane: usize, item: Item, actor: &mut A, ctx: &mut Context<A>) {
        let Item { subscription, attempt, event, extra } = item;
        let Called { event, outcome, span, limit } = self.call(subscription, attempt, event, actor, ctx);
        match outcome {
            Ok(Ok(())) => self.handled(lane, subscription, event, extra),
            unhandled => {
                let item = Item { subscription, attempt, event, extra };
                self.not_yet_handled(lane, item, unhandled, span, limit, actor, ctx);
            }
        }
    }

    /// Begins an event that has not been in its lane.
    #[inline(always)]
    pub(super) fn begin_directly(
        &mut self,
        handed: Handed,
        slot: &Slot<A>,
        actor: &mut A,
        ctx: &mut Context<A>,
    ) {
        let Handed { lane, subscription, event } = handed;
        let Called { event, outcome, span, limit } = self.call(subscription, 1, event, actor, ctx);
        match outcome {
            Ok(Ok(())) => {
                self.successes += 1;
                self.inbox.handled_directly(subscription);
                slot.give_back(event);
            }
            unhandled => {
                self.inbox.adopt(subscription);
                let lane = lane as usize;
                self.lanes[lane].running += 1;
                let item = Item { subscription, attempt: 1, event, extra: None };
                self.not_yet_handled(lane, item, unhandled, span, limit, actor, ctx);
            }
        }
    }

    /// Calls a handler.
    #[inline(always)]
    fn call(
        &mut self,
        subscription: u32,
        attempt: u32,
        event: SharedEvent,
        actor: &mut A,
        ctx: &mut Context<A>,
    ) -> Called<A> {
        let rule = &self.events[subscription as usize];
        let (handler, timeout) = (rule.handler, rule.timeout);
        let limit = timeout.map(|timeout| (Instant::now(), timeout));
        self.inbox.set_in_hand(Some(InHand::Event(subscription)));
        let span = is_watched().then(|| self.span("event", attempt, event.metadata()));
        let outer = self.scope.swap_hand(Some(Hand::Event(event)));
        let entered = span.as_ref().map(Span::enter);
        let number = self.first.wrapping_add(subscription);
        let outcome = guard(|| handler(actor, &self.scope, attempt, number, ctx));
        drop(entered);
        let Some(Hand::Event(event)) = self.scope.swap_hand(outer) else {
            unreachable!("only the driver changes what is in hand, and it put the event there")
        };
        if let (Some((began, timeout)), Ok(Ok(()))) = (limit, &outcome) {
            self.warn_if_late(&event, began, timeout);
        }
        Called { event, outcome, span, limit }
    }

    /// A handler has not handled its event yet, or not at all.
    #[expect(
        clippy::too_many_arguments,
        reason = "it is the rest of `begin_event`, kept out of the way of what is common"
    )]
    #[inline(never)]
    fn not_yet_handled(
        &mut self,
        lane: usize,
        item: Item,
        outcome: Result<Result<(), Box<Unhandled<A>>>, Box<Panic>>,
        span: Option<Span>,
        limit: Option<(Instant, Duration)>,
        actor: &mut A,
        ctx: &mut Context<A>,
    ) {
        let unhandled = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(unhandled)) => Ok(*unhandled),
            Err(panic) => Err(panic),
        };
        match unhandled {
            Ok(Unhandled::Failed(error)) => {
                let failure = Failure::from_event_error(&error);
                self.fail_event(lane, item, failure, error.is_permanent());
            }
            Ok(Unhandled::Responding(response)) => {
                let timeout = limit.map(|(_, timeout)| timeout);
                let deadline = limit.map(|(began, timeout)| began + timeout.min(FAR));
                let exclusive = response.pause().is_some();
                let work = Work::Event { lane, item, response };
                self.drive(work, span, deadline, timeout, exclusive, actor, ctx);
            }
            Ok(Unhandled::Unreadable(failure)) => self.fail_event(lane, item, *failure, true),
            Err(panic) => self.fail_event(lane, item, fail::panicked(*panic), false),
        }
    }

    /// Every attempt is behind it, and the last one succeeded. The item comes in its parts: it is the common case, and
    /// putting it together again is a measurable share of its cost.
    #[inline(always)]
    pub(super) fn handled(
        &mut self,
        lane: usize,
        subscription: u32,
        event: SharedEvent,
        extra: Option<Box<Extra>>,
    ) {
        self.lanes[lane].running -= 1;
        self.successes += 1;
        self.inbox.settle(Settled::Handled(subscription));
        if let Some(extra) = extra {
            extra.handled();
        }
        discard(event);
    }

    #[cold]
    fn warn_if_late(&self, event: &SharedEvent, began: Instant, timeout: Duration) {
        let took = began.elapsed();
        if took > timeout {
            tracing::warn!(
                service = &*self.inbox.service,
                pattern = event.metadata().route().as_str(),
                id = %event.metadata().id(),
                ?took,
                ?timeout,
                "a synchronous handler outlived its timeout; it cannot be cut off, so its success counts",
            );
        }
    }
}
