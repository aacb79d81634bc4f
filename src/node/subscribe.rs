//! Subscribers added at run time.

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, Context, Handler, ResponseFuture, Supervised};

use super::Node;
use super::registered::Launching;
use super::start::enlist;
use crate::error::EventError;
use crate::event::Delivery;
use crate::metadata::Id;
use crate::pattern::EventPattern;
use crate::registry::{Registry, Unsubscribe};
use crate::service::{Declared, Patterns};
use crate::supervisor::{Inbox, Job, Retry, Seated, Source, SubscriptionStats};
#[cfg(feature = "nats")]
use crate::transport::nats::{Connected, Unsubscriber};

/// How a subscriber added at run time handles its events.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct SubscribeOptions {
    name: Option<String>,
    retry: Retry,
    timeout: Option<Duration>,
    concurrency: Option<u32>,
    capacity: Option<usize>,
}

impl SubscribeOptions {
    /// One attempt, in order, in a lane of 10,000 events, under a name of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// The subscriber's name, in logs and dead letters. A replay finds it by its name: give the same one again. Of
    /// subscribers of one name in nodes of one name, one gets each event that comes from a broker; one without a name
    /// gets all.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// When a failed attempt is made again.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// How long an attempt may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many events are handled at once; 1 keeps order.
    pub fn concurrency(mut self, n: u32) -> Self {
        self.concurrency = Some(n);
        self
    }

    /// How many events its lane holds.
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = Some(events);
        self
    }
}

/// A subscriber added at run time. Dropping it takes the subscriber away: what is in its hands is finished, and what
/// was still queued becomes dead letters with reason `unsubscribed`.
#[derive(Debug)]
#[must_use = "dropping a subscription takes the subscriber away; `keep` keeps it for the node's whole life"]
pub struct Subscription {
    inbox: Arc<Inbox>,
    registry: Addr<Registry>,
    #[cfg(feature = "nats")]
    broker: Option<Unsubscriber>,
    kept: bool,
}

impl Subscription {
    /// The subscriber's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inbox.service
    }

    /// The subscriber's ledger.
    #[must_use]
    pub fn stats(&self) -> SubscriptionStats {
        self.inbox.stats().subscriptions.first().map(|(_, ledger)| *ledger).unwrap_or_default()
    }

    /// Keeps the subscriber for the node's whole life.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if !self.kept {
            #[cfg(feature = "nats")]
            if let Some(broker) = &self.broker {
                broker.remove(&self.inbox);
            }
            let _ = self.registry.try_send(Unsubscribe { inbox: Arc::clone(&self.inbox) });
        }
    }
}

impl Node {
    /// Adds a subscriber, from the next emitted event on. It is supervised like a service: a handler that fails or
    /// panics disturbs nobody. It cannot fail: a pattern written by hand that is not valid is logged as an error, and
    /// nothing is ever emitted on it.
    ///
    /// ```
    /// # use nestling::prelude::*;
    /// # #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
    /// # #[event_pattern("order.created")]
    /// # struct OrderCreated { order_id: u64 }
    /// # async fn example(node: &Node) {
    /// let options = SubscribeOptions::new().name("screen").retry(Retry::immediate(2));
    /// let subscription = node.subscribe::<OrderCreated>(options, async |order: Delivery<OrderCreated>| {
    ///     println!("order {}", order.order_id);
    ///     Ok(())
    /// });
    /// drop(subscription); // takes it away again
    /// # }
    /// ```
    pub fn subscribe<E: EventPattern>(
        &self,
        options: SubscribeOptions,
        handler: impl AsyncFn(Delivery<E>) -> Result<(), EventError> + 'static,
    ) -> Subscription {
        let SubscribeOptions { name, retry, timeout, concurrency, capacity } = options;
        let is_anonymous = name.is_none();
        let name = name.unwrap_or_else(|| format!("subscriber-{}", Id::new()));
        let mut patterns = Patterns::<Subscriber<E, _>>::new();
        if let Some(capacity) = capacity {
            patterns.capacity(capacity);
        }
        let mut event = patterns.event::<Delivery<E>>().retry(retry).concurrency(concurrency.unwrap_or(1));
        if is_anonymous {
            event = event.every_instance();
        }
        if let Some(timeout) = timeout {
            event.timeout(timeout);
        }
        let Declared { inbox, plan, events, internal, problems, .. } = Declared::new(&name, patterns);
        for problem in problems {
            tracing::error!(service = name, problem, "a subscription is not as it should be");
        }
        let inbox = Inbox::new(inbox, self.sink.clone(), Arc::clone(&self.deadlines));
        self.core.add_internal(internal);
        enlist(self, &inbox, events, true);
        let Launching { lifecycle, node, handled, annex, .. } = self.launching();
        let (address, job) = Job::new(plan, Arc::clone(&inbox), lifecycle, node, handled);
        let subscriber = Subscriber { handler: Rc::new(handler), event: PhantomData };
        // Only its own inbox knows it, so the address goes with its run.
        let run = async move {
            let _address = address;
            if let Ok(supervisor) = job.run(Source::Value(Some(subscriber))) {
                Seated::new(supervisor, &annex).await;
            }
        };
        let _ = self.spawner.unbounded_send(Box::pin(run));
        Subscription {
            inbox,
            registry: self.core.registry.clone(),
            #[cfg(feature = "nats")]
            broker: self.broker.as_ref().map(Connected::unsubscriber),
            kept: false,
        }
    }
}

/// The actor of a subscriber added at run time.
struct Subscriber<E, F> {
    handler: Rc<F>,
    event: PhantomData<fn(E)>,
}

impl<E: EventPattern, F: 'static> Actor for Subscriber<E, F> {
    type Context = Context<Self>;
}

impl<E: EventPattern, F: 'static> Supervised for Subscriber<E, F> {}

impl<E, F> Handler<Delivery<E>> for Subscriber<E, F>
where
    E: EventPattern,
    F: AsyncFn(Delivery<E>) -> Result<(), EventError> + 'static,
{
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, event: Delivery<E>, _: &mut Context<Self>) -> Self::Result {
        let handler = Rc::clone(&self.handler);
        Box::pin(async move { handler(event).await })
    }
}
