//! An event that comes alone goes straight to the services that have nothing to do. It waits, keeps its place and becomes
//! a dead letter as an event in a crowd does.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use nestling::ServiceState;
use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, idle, letters, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("occupy", response = (), error = Refused)]
struct Occupy;

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[error("refused")]
struct Refused;

/// Occupied by a message, it pauses.
struct Pausing {
    gate: Gate,
    seen: Log<&'static str>,
}
impl Actor for Pausing {
    type Context = Context<Self>;
}
impl Supervised for Pausing {}
impl Service for Pausing {
    const NAME: &'static str = "pausing";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Occupy>().event::<Tick>();
    }
}
impl Handler<Occupy> for Pausing {
    type Result = AtomicResponse<Self, Result<(), Refused>>;
    fn handle(&mut self, Occupy: Occupy, _: &mut Context<Self>) -> Self::Result {
        let gate = self.gate.clone();
        let passed = async move { gate.pass().await }.into_actor(self);
        AtomicResponse::new(Box::pin(passed.map(|(), this, _| {
            this.seen.push("message");
            Ok(())
        })))
    }
}
impl Handler<Tick> for Pausing {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        self.seen.push("event");
        Ok(())
    }
}

#[actix::test]
async fn it_waits_while_the_actor_pauses() {
    let (gate, seen) = (Gate::closed(), Log::default());
    let service = Pausing { gate: gate.clone(), seen: seen.clone() };
    let node = Node::builder("test").service(service).start().await.unwrap();
    let occupied = actix::spawn(node.client().send(Occupy));
    until("it pauses", || node.stats().service("pausing").unwrap().requests.in_flight == 1).await;

    node.client().emit(Tick { n: 0 });
    until("the event is queued", || {
        let ledger = node.stats().subscription("pausing", "tick").unwrap();
        (ledger.delivered, ledger.queued, ledger.in_flight) == (1, 1, 0)
    })
    .await;
    gate.open(1);
    occupied.await.unwrap().unwrap();
    idle(&node).await;
    assert_eq!(seen.all(), ["message", "event"]);
}

#[actix::test]
async fn it_waits_for_the_one_before_it() {
    let node = Node::builder("test").start().await.unwrap();
    let (gate, seen) = (Gate::closed(), Log::default());
    let (held, log) = (gate.clone(), seen.clone());
    let _slow =
        node.subscribe::<Tick>(SubscribeOptions::new().name("slow"), async move |tick: Delivery<Tick>| {
            log.push((tick.n, "begins"));
            held.pass().await;
            log.push((tick.n, "ends"));
            Ok(())
        });
    for n in 0..3 {
        node.client().emit(Tick { n });
        until("it is there", || node.stats().total().delivered == u64::from(n) + 1).await;
    }
    let ledger = node.stats().subscription("slow", "tick").unwrap();
    assert_eq!((ledger.in_flight, ledger.queued), (1, 2));
    gate.open(3);
    idle(&node).await;
    let expected = [0, 1, 2].map(|n| [(n, "begins"), (n, "ends")]).concat();
    assert_eq!(seen.all(), expected);
}

/// Whether it finds its service at work, or between two turns of it.
#[actix::test]
async fn it_goes_behind_a_long_queue() {
    let node = Node::builder("test").start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let _busy =
        node.subscribe::<Tick>(SubscribeOptions::new().name("busy"), async move |tick: Delivery<Tick>| {
            log.push(tick.n);
            Ok(())
        });
    idle(&node).await;
    let mut emitted = 0;
    for yields in 0..12 {
        let batch = emitted..emitted + 300;
        emitted = batch.end + 1;
        batch.for_each(|n| node.client().emit(Tick { n }));
        for _ in 0..yields {
            tokio::task::yield_now().await;
        }
        node.client().emit(Tick { n: emitted - 1 });
        idle(&node).await;
    }
    assert_eq!(seen.all(), (0..emitted).collect::<Vec<_>>());
}

#[actix::test]
async fn it_stays_before_a_confirmed_one() {
    let node = Node::builder("test").start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let _both =
        node.subscribe::<Tick>(SubscribeOptions::new().name("both"), async move |tick: Delivery<Tick>| {
            log.push(tick.n);
            Ok(())
        });
    idle(&node).await;
    for n in 0..10 {
        node.client().emit(Tick { n: 2 * n });
        node.client().emit_confirmed(Tick { n: 2 * n + 1 }).await.unwrap();
        idle(&node).await;
    }
    assert_eq!(seen.all(), (0..20).collect::<Vec<_>>());
}

/// Reads its own ledger while it handles an event.
struct Reading {
    node: Rc<RefCell<Option<Node>>>,
    read: Log<(u64, u64, u64)>,
}
impl Actor for Reading {
    type Context = Context<Self>;
}
impl Supervised for Reading {}
impl Service for Reading {
    const NAME: &'static str = "reading";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>();
    }
}
impl Handler<Tick> for Reading {
    type Result = Result<(), EventError>;
    fn handle(&mut self, tick: Tick, _: &mut Context<Self>) -> Self::Result {
        if let Some(node) = &*self.node.borrow() {
            let stats = node.stats();
            assert!(stats.balances(), "{stats:?}");
            let ledger = stats.subscription("reading", "tick").unwrap();
            self.read.push((ledger.delivered, ledger.handled, ledger.in_flight));
        }
        if tick.n.is_multiple_of(2) { Ok(()) } else { Err(EventError::msg("odd")) }
    }
}

#[actix::test]
async fn its_ledger_balances_while_it_is_in_hand() {
    let (here, read) = (Rc::new(RefCell::new(None)), Log::default());
    let service = Reading { node: Rc::clone(&here), read: read.clone() };
    let node = Node::builder("test").service(service).start().await.unwrap();
    let client = node.client();
    *here.borrow_mut() = Some(node);
    for n in 0..4 {
        client.emit(Tick { n });
        until("it is done", || {
            let total = here.borrow().as_ref().unwrap().stats().total();
            total.handled + total.dead_lettered == u64::from(n) + 1
        })
        .await;
    }
    let node = here.take().unwrap();
    // Each is in flight while it is handled, and only the even ones were handled before.
    assert_eq!(read.all(), [(1, 0, 1), (2, 1, 1), (3, 1, 1), (4, 2, 1)]);
    assert!(node.stats().balances());
}

/// Two subscriptions, one lane.
struct Twice {
    at_work: Arc<()>,
    seen: Log<(&'static str, usize)>,
}
impl Actor for Twice {
    type Context = Context<Self>;
}
impl Supervised for Twice {}
impl Service for Twice {
    const NAME: &'static str = "twice";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>().matching("*");
    }
}
impl Twice {
    fn work(&self, pattern: &'static str) -> ResponseFuture<Result<(), EventError>> {
        let (at_work, seen) = (Arc::clone(&self.at_work), self.seen.clone());
        Box::pin(async move {
            tokio::task::yield_now().await;
            // The actor's and this one.
            seen.push((pattern, Arc::strong_count(&at_work)));
            Ok(())
        })
    }
}
impl Handler<Tick> for Twice {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        self.work("tick")
    }
}
impl Handler<AnyEvent> for Twice {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        self.work("*")
    }
}

#[actix::test]
async fn a_service_with_two_subscriptions_to_it_handles_one_after_the_other() {
    let seen = Log::default();
    let service = Twice { at_work: Arc::default(), seen: seen.clone() };
    let node = Node::builder("test").service(service).start().await.unwrap();
    for n in 0..2 {
        node.client().emit(Tick { n });
        until("both have handled it", || node.stats().total().handled == 2 * (u64::from(n) + 1)).await;
    }
    assert_eq!(seen.all(), [("tick", 2), ("*", 2)].repeat(2));
    assert!(node.stats().balances());
}

/// Answers with the number of events before the request.
struct Counting(u32);
impl Actor for Counting {
    type Context = Context<Self>;
}
impl Supervised for Counting {}
impl Service for Counting {
    const NAME: &'static str = "counting";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>().message::<Count>();
    }
}
impl Handler<Tick> for Counting {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        self.0 += 1;
        Ok(())
    }
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("count", response = u32, error = Refused)]
struct Count;

impl Handler<Count> for Counting {
    type Result = Result<u32, Refused>;
    fn handle(&mut self, Count: Count, _: &mut Context<Self>) -> Self::Result {
        Ok(self.0)
    }
}

/// Also where the registry yields to others between the event and its handler, as it does now and then.
#[actix::test]
async fn a_request_right_behind_it_is_answered() {
    let node = Node::builder("test").service(Counting(0)).start().await.unwrap();
    for n in 0..2_000 {
        node.client().emit(Tick { n });
        for _ in 0..n % 5 {
            tokio::task::yield_now().await;
        }
        let counted = node.client().send(Count).timeout(Duration::from_secs(10)).await.unwrap();
        assert!(counted == n || counted == n + 1, "{counted} of {}", n + 1);
        until("it is handled", || node.stats().total().handled == u64::from(n) + 1).await;
    }
}

#[actix::test]
async fn it_is_a_dead_letter_if_its_subscription_ends_at_once() {
    let node = Node::builder("test").start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let subscription =
        node.subscribe::<Tick>(SubscribeOptions::new().name("screen"), async move |tick: Delivery<Tick>| {
            log.push(tick.n);
            Ok(())
        });
    node.client().emit(Tick { n: 0 });
    until("it is up", || seen.len() == 1).await;
    node.client().emit(Tick { n: 1 });
    drop(subscription);
    until("it is a dead letter", || node.stats().total().dead_lettered == 1).await;
    assert_eq!(letters(&node).await[0].reason, Reason::Unsubscribed);
    assert_eq!(seen.all(), [0]);
    assert!(node.stats().balances());
}

/// Holds its thread until it hears from the other.
struct Holding(std::sync::mpsc::Receiver<()>, Log<bool>);
impl Actor for Holding {
    type Context = Context<Self>;
}
impl Supervised for Holding {}
impl Service for Holding {
    const NAME: &'static str = "holding";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>();
    }
}
impl Handler<Tick> for Holding {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        self.1.push(self.0.recv_timeout(Duration::from_secs(10)).is_ok());
        Ok(())
    }
}

struct Elsewhere(std::sync::mpsc::Sender<()>);
impl Actor for Elsewhere {
    type Context = Context<Self>;
}
impl Supervised for Elsewhere {}
impl Service for Elsewhere {
    const NAME: &'static str = "elsewhere";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>();
    }
}
impl Handler<Tick> for Elsewhere {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        Ok(self.0.send(())?)
    }
}

#[actix::test]
async fn a_service_on_a_thread_of_its_own_waits_for_no_handler_on_the_nodes() {
    let ((sender, receiver), heard) = (std::sync::mpsc::channel(), Log::default());
    let node = Node::builder("test")
        .service(Holding(receiver, heard.clone()))
        .service_on(Placement::Dedicated, move |_| Elsewhere(sender.clone()))
        .start()
        .await
        .unwrap();
    for n in 0..3 {
        node.client().emit(Tick { n });
        idle(&node).await;
    }
    assert_eq!(heard.all(), [true; 3]);
}

struct GivenUp;
impl Actor for GivenUp {
    type Context = Context<Self>;
}
impl Supervised for GivenUp {}
impl Service for GivenUp {
    const NAME: &'static str = "given-up";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>().max_restarts(0, Duration::from_secs(60));
    }
}
impl Handler<Tick> for GivenUp {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        panic!("it cannot be helped")
    }
}

#[actix::test]
async fn nobody_gets_it_in_the_place_of_a_service_that_has_gone() {
    let node = Node::builder("test").service(GivenUp).start().await.unwrap();
    node.client().emit(Tick { n: 0 });
    until("it is given up", || node.stats().service("given-up").unwrap().state == ServiceState::Failed).await;
    let seen = Log::default();
    let log = seen.clone();
    let _next =
        node.subscribe::<Tick>(SubscribeOptions::new().name("next"), async move |tick: Delivery<Tick>| {
            log.push(tick.n);
            Ok(())
        });
    for n in 1..4 {
        node.client().emit(Tick { n });
        idle(&node).await;
    }
    assert_eq!(seen.all(), [1, 2, 3]);
    let gone = node.stats().subscription("given-up", "tick").unwrap();
    assert_eq!((gone.delivered, gone.dead_lettered), (4, 4));
}
