//! Twenty services of every kind, which write down themselves what they have handled.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use nestling::RestartOn;
use nestling::prelude::*;

use crate::fate::{Fate, Mark, draw, fate};

pub(crate) const SERVICES: usize = 20;

/// This service is given up in the middle of the run.
pub(crate) const FRAGILE: usize = 19;

pub(crate) const NAMES: [&str; SERVICES] = [
    "w00", "w01", "w02", "w03", "w04", "w05", "w06", "w07", "w08", "w09", "w10", "w11", "w12", "w13", "w14",
    "w15", "w16", "w17", "w18", "w19",
];

/// The fate of what comes by wildcard is not that of what the same service takes by name.
pub(crate) const ANY: &str = "any";

macro_rules! events {
    ($($event:ident = $pattern:literal),+) => {
        $(#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
        #[event_pattern($pattern)]
        pub(crate) struct $event(pub(crate) Mark);)+
    };
}

events!(Alpha = "chaos.alpha", Beta = "chaos.beta", Gamma = "chaos.gamma", Delta = "chaos.delta");

/// What a service subscribes to, and whether one lane keeps the order of all of it.
pub(crate) fn subscriptions(n: usize) -> Vec<&'static str> {
    if n == FRAGILE {
        // Few, for all of them become dead letters.
        return vec!["chaos.gamma"];
    }
    let mut patterns = Vec::new();
    patterns.extend(n.is_multiple_of(3).then_some("chaos.alpha"));
    patterns.extend((n % 3 != 2).then_some("chaos.beta"));
    patterns.extend(n.is_multiple_of(5).then_some("chaos.gamma"));
    patterns.extend((n % 4 == 2).then_some("chaos.delta"));
    patterns.extend((n == 8).then_some("chaos.>"));
    patterns
}

/// Whether the order of a subscription's events is promised.
pub(crate) fn is_ordered(pattern: &str) -> bool {
    pattern != "chaos.delta"
}

/// Whether a subscription is in its service's own ordered lane.
pub(crate) fn shares_lane(pattern: &str) -> bool {
    matches!(pattern, "chaos.alpha" | "chaos.beta" | "chaos.>")
}

pub(crate) fn takes(pattern: &str, route: &str) -> bool {
    pattern == route || pattern == "chaos.>"
}

/// How many attempts a subscription makes: those at a service, or those that come and go.
pub(crate) fn attempts(service: &str, pattern: &str) -> u32 {
    match pattern {
        "chaos.beta" if service.starts_with("churn") => 2,
        "chaos.alpha" => 2,
        "chaos.beta" | "chaos.delta" => 3,
        _ => 1,
    }
}

/// A handler's own record: the service, the subscription, the event.
pub(crate) type Entry = (String, &'static str, Mark);

/// What all services share.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) seed: u64,
    /// All that was handled, in the order in which it was.
    pub(crate) handled: Mutex<Vec<Entry>>,
    /// From now on everything succeeds.
    pub(crate) repaired: AtomicBool,
    /// Events that services have emitted: the emitter is 100 plus the service's number.
    pub(crate) emitted: [AtomicU64; SERVICES],
}

impl World {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { seed, ..Self::default() })
    }

    pub(crate) fn record(&self, service: &str, pattern: &'static str, mark: Mark) {
        self.handled.lock().unwrap().push((service.to_owned(), pattern, mark));
    }

    pub(crate) fn fate(&self, service: &str, mark: Mark, attempt: u32) -> Fate {
        if self.repaired.load(Ordering::SeqCst) {
            Fate::Handled
        } else {
            fate(self.seed, service, mark, attempt)
        }
    }
}

pub(crate) struct Worker<const N: usize> {
    pub(crate) world: Arc<World>,
}

impl<const N: usize> Actor for Worker<N> {
    type Context = Context<Self>;
}
impl<const N: usize> Supervised for Worker<N> {}
impl<const N: usize> Service for Worker<N> {
    const NAME: &'static str = NAMES[N];

    fn patterns(patterns: &mut Patterns<Self>) {
        let backoff = Backoff::new(Duration::from_millis(1), 2.0, Duration::from_millis(4));
        patterns.restart_backoff(backoff);
        patterns.restart_on(if N.is_multiple_of(2) { RestartOn::Failure } else { RestartOn::Panic });
        if N == FRAGILE {
            patterns.max_restarts(0, Duration::from_secs(3600));
        }
        let limit = Duration::from_millis(40);
        let retry = Retry::exponential(2).first_delay(Duration::from_millis(2));
        for pattern in subscriptions(N) {
            match pattern {
                "chaos.alpha" => patterns.event::<Delivery<Alpha>>().retry(Retry::immediate(1)),
                "chaos.beta" => patterns.event::<Delivery<Beta>>().retry(retry.clone()).timeout(limit),
                "chaos.gamma" => patterns.event::<Delivery<Gamma>>().lane_capacity(8).timeout(limit),
                "chaos.delta" => {
                    patterns.event::<Delivery<Delta>>().concurrency(4).retry(retry.clone()).timeout(limit)
                }
                pattern => patterns.matching(pattern),
            };
        }
    }
}

impl<const N: usize> Handler<Delivery<Alpha>> for Worker<N> {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: Delivery<Alpha>, ctx: &mut Context<Self>) -> Self::Result {
        self.world.fate(NAMES[N], event.0, event.attempt()).at_once()?;
        self.world.record(NAMES[N], "chaos.alpha", event.0);
        if draw(self.world.seed, (N, event.0)) < 200 && !self.world.repaired.load(Ordering::SeqCst) {
            let seq = self.world.emitted[N].fetch_add(1, Ordering::SeqCst);
            ctx.client().emit(Delta(Mark { emitter: 100 + N, seq }));
        }
        Ok(())
    }
}

impl<const N: usize> Handler<Delivery<Beta>> for Worker<N> {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, event: Delivery<Beta>, _: &mut Context<Self>) -> Self::Result {
        let world = Arc::clone(&self.world);
        Box::pin(async move {
            world.fate(NAMES[N], event.0, event.attempt()).in_time().await?;
            world.record(NAMES[N], "chaos.beta", event.0);
            Ok(())
        })
    }
}

impl<const N: usize> Handler<Delivery<Gamma>> for Worker<N> {
    type Result = AtomicResponse<Self, Result<(), EventError>>;
    fn handle(&mut self, event: Delivery<Gamma>, _: &mut Context<Self>) -> Self::Result {
        let fate = self.world.fate(NAMES[N], event.0, event.attempt());
        AtomicResponse::new(Box::pin(fate.in_time().into_actor(self).map(move |done, this, _| {
            done?;
            this.world.record(NAMES[N], "chaos.gamma", event.0);
            Ok(())
        })))
    }
}

impl<const N: usize> Handler<Delivery<Delta>> for Worker<N> {
    type Result = ResponseActFuture<Self, Result<(), EventError>>;
    fn handle(&mut self, event: Delivery<Delta>, _: &mut Context<Self>) -> Self::Result {
        let fate = self.world.fate(NAMES[N], event.0, event.attempt());
        Box::pin(fate.in_time().into_actor(self).map(move |done, this, _| {
            done?;
            this.world.record(NAMES[N], "chaos.delta", event.0);
            Ok(())
        }))
    }
}

impl<const N: usize> Handler<AnyEvent> for Worker<N> {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        let mark: Mark = event.decode()?;
        self.world.fate(ANY, mark, event.attempt()).at_once()?;
        self.world.record(NAMES[N], "chaos.>", mark);
        Ok(())
    }
}
