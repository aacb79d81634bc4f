//! The actor that broadcasts each event to the subscribed services.

mod alone;
mod messages;
mod table;
mod wildcard;

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use actix::fut::{ActorFuture, WrapFuture};
use actix::{Actor, Addr, AsyncContext, Context, Handler};
use tokio::sync::oneshot;

pub(crate) use messages::{Broadcast, BroadcastConfirmed, Outcome, Redeliver, Stop, Subscribe, Unsubscribe};
pub(crate) use table::Interest;
pub(crate) use wildcard::Wildcard;

use crate::dead_letter::{Failure, Reason, Redelivery, Sink};
use crate::event::SharedEvent;
use crate::panics::discard;
use crate::pattern::Route;
use crate::supervisor::{Confirm, Confirmed, Roused, Subscriber};
use alone::Alone;
use table::Table;

/// How many routes without a subscriber are remembered, so that each is logged once.
const REMEMBERED: usize = 10_000;

/// How many events are broadcast before the registry yields: actix empties a mailbox before it lets others have their
/// turn, and threads that emit faster than this one broadcasts would keep it from ever doing so.
const TURN: u32 = 256;

/// What the registry counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Events handed in.
    pub(crate) emitted: AtomicU64,
    /// Those of them that are the node's own.
    pub(crate) own: AtomicU64,
    /// Events that the registry has brought to all their subscribers.
    pub(crate) broadcast: AtomicU64,
    /// Events that left the process instead.
    pub(crate) sent: AtomicU64,
    /// Events that nobody subscribed to.
    pub(crate) no_subscriber: AtomicU64,
    /// Somebody has subscribed to the node's own events; until then they are not made.
    pub(crate) own_wanted: AtomicBool,
}

impl Counters {
    /// Events that wait for the registry, or that it has not brought to all their subscribers yet.
    pub(crate) fn backlog(&self) -> u64 {
        // In this order, or a broadcast between the two reads would make it negative.
        let broadcast = self.broadcast.load(Ordering::Acquire) + self.sent.load(Ordering::SeqCst);
        self.emitted.load(Ordering::SeqCst).saturating_sub(broadcast)
    }

    /// The registry, which alone calls this, has brought one more event to all its subscribers.
    fn broadcast(&self) {
        let broadcast = self.broadcast.load(Ordering::Relaxed);
        self.broadcast.store(broadcast + 1, Ordering::Release);
    }

    /// An event that was counted as handed in has not been taken.
    pub(crate) fn emit_refused(&self) {
        self.emitted.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Broadcasts each event to the subscribed services.
pub(crate) struct Registry {
    table: Table,
    counters: Arc<Counters>,
    sink: Sink,
    /// Whether an event without a subscriber is a dead letter.
    bury_unsubscribed: bool,
    /// Routes that have been logged as having no subscriber.
    logged: HashSet<Route>,
    /// Events since it last yielded.
    turn: u32,
    /// An event that has come after everything before it was brought to its subscribers, as long as there is no other.
    alone: Option<Alone>,
    /// Services that have got something and are to be run by this poll.
    roused: Roused,
}

impl Registry {
    pub(crate) fn start(counters: Arc<Counters>, sink: Sink, bury_unsubscribed: bool) -> Addr<Self> {
        let mut context = Context::new();
        // From the first moment on: a bounded mailbox refuses what is emitted before the actor's first poll.
        context.set_mailbox_capacity(0);
        context.run(Self {
            table: Table::default(),
            counters,
            sink,
            bury_unsubscribed,
            logged: HashSet::new(),
            turn: 0,
            alone: None,
            roused: Roused::default(),
        })
    }

    /// Queues an event for its subscribers, from the one with this index on.
    fn queue(&mut self, event: SharedEvent, first: usize) {
        let subscribers = self.table.subscribers(event.metadata().route());
        if subscribers.is_empty() {
            return self.no_subscriber(event);
        }
        self.roused.begin_event();
        let copies = std::iter::repeat_n(event, subscribers.len() - first);
        for (subscriber, event) in subscribers[first..].iter().zip(copies) {
            subscriber.queue(event, &mut self.roused);
        }
        // Counted when the lanes have it, so that a drain sees it in the backlog or in a lane.
        self.counters.broadcast();
    }

    fn no_subscriber(&mut self, event: SharedEvent) {
        self.counters.broadcast();
        self.nobody_wants(&event);
        discard(event);
    }

    fn nobody_wants(&mut self, event: &SharedEvent) {
        let route = event.metadata().route();
        if route.as_str().starts_with('$') {
            return; // the node's own events are there for whoever wants them
        }
        self.counters.no_subscriber.fetch_add(1, Ordering::Relaxed);
        if self.bury_unsubscribed {
            let failure =
                Failure::new(Reason::NoSubscriber, "nestling", "no service subscribes to the event");
            self.sink.bury(event, "", "", failure, None);
        } else if !self.logged.contains(route) {
            if self.logged.len() >= REMEMBERED {
                self.logged.clear();
            }
            self.logged.insert(route.clone());
            tracing::warn!(
                pattern = route.as_str(),
                "no service subscribes to an event; this is logged once a pattern"
            );
        }
    }
}

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.spawn(RunServices);
    }
}

/// Runs the services that the mailbox's events are for: what is spawned in a context is polled after its mailbox.
struct RunServices;

impl ActorFuture<Registry> for RunServices {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        registry: &mut Registry,
        _: &mut Context<Registry>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        if let Some(alone) = registry.alone.take()
            && registry.handle_alone(alone)
        {
            cx.waker().wake_by_ref();
        }
        if registry.roused.has_events() {
            registry.roused.run();
        }
        Poll::Pending
    }
}

impl Handler<Broadcast> for Registry {
    type Result = ();

    fn handle(&mut self, Broadcast(event): Broadcast, ctx: &mut Context<Self>) {
        self.turn += 1;
        if self.turn >= TURN {
            self.turn = 0;
            ctx.wait(tokio::task::yield_now().into_actor(self));
        }
        if self.alone.is_none() && !self.roused.has_events() {
            self.alone = Some(Alone::new(event));
        } else {
            self.queue_alone();
            self.queue(event, 0);
        }
    }
}

impl Handler<BroadcastConfirmed> for Registry {
    type Result = ();

    fn handle(&mut self, message: BroadcastConfirmed, _: &mut Context<Self>) {
        self.queue_alone();
        let BroadcastConfirmed { event, timeout, mut reply } = message;
        let confirm = Arc::new(Confirm::default());
        let subscribers = self.table.subscribers(event.metadata().route());
        confirm.expect(subscribers.len());
        if subscribers.is_empty() {
            self.no_subscriber(event);
        } else {
            for target in subscribers.iter().map(Subscriber::target) {
                target.inbox.deliver_when_room(target.subscription, &event, None, &confirm);
            }
            self.counters.broadcast();
            discard(event);
        }
        actix_rt::spawn(async move {
            let outcome = tokio::select! {
                outcome = confirmed(&confirm, timeout) => outcome,
                // The sender has gone: nobody is told of an event that is not taken yet.
                () = reply.closed() => {
                    confirm.cancel();
                    return;
                }
            };
            let _ = reply.send(outcome);
        });
    }
}

async fn confirmed(confirm: &Confirm, timeout: Duration) -> Outcome {
    match tokio::time::timeout(timeout, confirm.done()).await {
        Ok(confirmed) => Outcome { confirmed, timed_out: false },
        Err(_) => {
            let confirmed = confirm.cancel();
            Outcome { confirmed, timed_out: confirmed.taken + confirmed.stopped < confirmed.subscribers }
        }
    }
}

impl Handler<Redeliver> for Registry {
    type Result = ();

    fn handle(&mut self, message: Redeliver, _: &mut Context<Self>) {
        let Redeliver { event, target, timeout, reply } = message;
        let confirm = Arc::new(Confirm::default());
        let (ended, end) = oneshot::channel();
        confirm.expect(1);
        target.inbox.deliver_when_room(target.subscription, &event, Some(ended), &confirm);
        actix_rt::spawn(async move {
            let Outcome { confirmed, timed_out } = confirmed(&confirm, timeout).await;
            let redelivery = match confirmed {
                Confirmed { taken: 1, .. } => {
                    let lost = || Redelivery::NotTaken("the service ended before it was handled".to_owned());
                    end.await.unwrap_or_else(|_| lost())
                }
                _ if timed_out => Redelivery::NotTaken(format!("its lane had no room within {timeout:?}")),
                _ => Redelivery::NotTaken("the service has stopped".to_owned()),
            };
            let _ = reply.send(redelivery);
        });
    }
}

impl Handler<Subscribe> for Registry {
    type Result = ();

    fn handle(&mut self, Subscribe { interests, target }: Subscribe, _: &mut Context<Self>) {
        self.queue_alone();
        for interest in interests {
            self.table.insert(interest, target.clone());
        }
    }
}

impl Handler<Unsubscribe> for Registry {
    type Result = ();

    fn handle(&mut self, Unsubscribe { inbox }: Unsubscribe, _: &mut Context<Self>) {
        self.queue_alone();
        self.table.remove(&inbox);
        inbox.close(Reason::Unsubscribed);
        inbox.retire();
    }
}

impl Handler<Stop> for Registry {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Context<Self>) {
        actix::ActorContext::stop(ctx);
    }
}

impl Drop for Registry {
    /// The runtime drops its task, or it has been stopped.
    fn drop(&mut self) {
        self.queue_alone();
    }
}
