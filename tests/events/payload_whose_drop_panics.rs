//! A payload's `Drop` is code of the user's: where it panics, only that event is concerned.

use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, idle, until};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("bomb")]
struct Explosive {
    n: u32,
    bomb: Bomb,
}

async fn still_broadcasts(node: &Node) {
    let seen = Log::default();
    let log = seen.clone();
    let _subscription = node.subscribe::<Tick>(SubscribeOptions::new(), async move |tick: Delivery<Tick>| {
        log.push(tick.n);
        Ok(())
    });
    node.client().emit(Tick { n: 1 });
    until("the next event is delivered", || seen.len() == 1).await;
}

#[actix::test]
async fn the_registry_goes_on() {
    let node = Node::builder("test").start().await.unwrap();
    node.client().emit(Explosive { n: 0, bomb: Bomb });
    still_broadcasts(&node).await;
}

/// Two subscriptions that are done with it at once.
struct Unharmed;
impl Actor for Unharmed {
    type Context = Context<Self>;
}
impl Supervised for Unharmed {}
impl Service for Unharmed {
    const NAME: &'static str = "unharmed";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Explosive>>().matching("bomb");
    }
}
impl Handler<Delivery<Explosive>> for Unharmed {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Delivery<Explosive>, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}
impl Handler<AnyEvent> for Unharmed {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[actix::test]
async fn it_counts_as_handled() {
    let node = Node::builder("test").service(Unharmed).start().await.unwrap();
    for n in 0..6 {
        // Alone, and in a crowd.
        for _ in 0..1 + n % 2 {
            node.client().emit(Explosive { n, bomb: Bomb });
        }
        idle(&node).await;
    }
    let (total, service) = (node.stats().total(), node.stats().service("unharmed").unwrap().clone());
    assert_eq!((total.delivered, total.handled, service.restarts), (18, 18, 0));
    still_broadcasts(&node).await;
}

#[actix::test]
async fn the_registry_goes_on_after_a_confirmed_emit() {
    let node = Node::builder("test").start().await.unwrap();
    let _ = node.client().emit_confirmed(Explosive { n: 0, bomb: Bomb }).await;
    still_broadcasts(&node).await;
}

#[actix::test]
async fn what_is_queued_beside_it_becomes_dead_letters_all_the_same() {
    let node = Node::builder("test").start().await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    let subscription =
        node.subscribe::<Explosive>(SubscribeOptions::new().name("held"), async move |event| {
            held.pass().await;
            // Kept, so that it is not this that drops it.
            std::mem::forget(event);
            Ok(())
        });
    for n in 0..4 {
        node.client().emit(Explosive { n, bomb: Bomb });
    }
    until("one is in hand", || subscription.stats().in_flight == 1 && subscription.stats().queued == 3).await;
    drop(subscription);
    until("the others are counted", || node.stats().total().dead_lettered == 3).await;
    gate.open(1);
    idle(&node).await;
    let letters = node.dead_letters().list(Filter::new().reason(Reason::Unsubscribed)).await.unwrap().letters;
    assert_eq!(letters.len(), 3);
    still_broadcasts(&node).await;
}
